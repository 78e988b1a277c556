{#- One text of several ids that no other ids make: every part comes after its length in characters, a null after -1, so
    that no part can end early or run on, whatever it holds. Used wherever ids become one key; md5() of it where the key
    is long. In Python: tessera.keys.composed_key. parts: SQL expressions of text. Postgres takes a hundred arguments at most.
    Example: {{ composed_key(['order_id', 'line_key']) }} -> 2:o1:7:product -#}
{% macro composed_key(parts) -%}
    {%- for some in parts | batch(40) -%}
        concat_ws(':'
        {%- for part in some -%}
            , coalesce(length({{ part }}), -1), {{ part }}
        {%- endfor -%}
        ){{ " || ':' || " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- An id that the shop gave, where ids of ours stand beside it that begin with a kind (email:a@b.example for a guest,
    event:e1 for an order that only an event tells of): as it is, but with its own kind in front where it begins with one
    too, so that it can never be one of ours. kind: one of those below.
    Example: {{ given_id('order', 'order_id') }} -> 1001, but order:event:e1 for event:e1 -#}
{% macro given_id(kind, value) -%}
    case
        when left({{ value }}, position(':' in {{ value }})) in (
            'customer:', 'email:', 'phone:', 'anon:', 'external:', 'session:', 'event:', 'order:', 'line:', 'product:'
        ) then '{{ kind }}:' || {{ value }}
        else {{ value }}
    end
{%- endmacro %}
