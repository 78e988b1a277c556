{#- Safe casts of text. Plain casts accept different things on every engine (and drop offsets of times), so each
    macro has one written grammar; what does not follow it is null, never an error. Blanks around a value are ignored. -#}

{#- A decimal number: digits, an optional fraction, an optional exponent of one digit; below 1e15 in size.
    value: SQL expression of text; type: the numeric type that comes out.
    Example: {{ try_number('price', 'numeric(18, 2)') }} -#}
{% macro try_number(value, type='numeric(18, 2)') -%}{{ adapter.dispatch('try_number', 'tessera')(value, type) }}{%- endmacro %}
{% macro number_grammar() -%}[+-]?([0-9]{1,15}([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9])?{%- endmacro %}
{% macro default__try_number(value, type) -%}
    case
        when {{ matches(clean_text(value), number_grammar()) }}
            then case
                when abs(cast({{ clean_text(value) }} as numeric)) < 1e15 then cast(cast({{ clean_text(value) }} as numeric) as {{ type }})
            end
    end
{%- endmacro %}
{% macro duckdb__try_number(value, type) -%}
    case
        when {{ matches(clean_text(value), number_grammar()) }} and abs(try_cast({{ clean_text(value) }} as double)) < 1e15
            then try_cast({{ clean_text(value) }} as {{ type }})
    end
{%- endmacro %}

{#- A whole number; 2.0 is one, 2.5 is not. Example: {{ try_integer('quantity') }} -#}
{% macro try_integer(value) -%}
    case
        when {{ try_number(value, 'numeric(24, 6)') }} = round({{ try_number(value, 'numeric(24, 6)') }}, 0)
            then cast({{ try_number(value, 'numeric(24, 6)') }} as bigint)
    end
{%- endmacro %}

{#- A time in UTC without zone, of ISO 8601 text: a date, or date and time with T or a blank between, seconds and
    fraction optional, then Z, UTC, an offset, or nothing (UTC). Digits past the microsecond are cut off.
    Example: {{ try_timestamp('ordered_at') }} -#}
{% macro try_timestamp(value) -%}{{ adapter.dispatch('try_timestamp', 'tessera')(value) }}{%- endmacro %}
{% macro timestamp_grammar() -%}
    [0-9]{4}-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?( ?(Z|z|UTC|[+-][01][0-9]:?([0-5][0-9])?))?
{%- endmacro %}
{#- The text with blank instead of T, at most six digits of fraction, and always an offset. -#}
{% macro normal_timestamp_text(value) -%}
    {%- set short = "regexp_replace(replace(" ~ clean_text(value) ~ ", 'T', ' '), '([.][0-9]{6})[0-9]+', '\\1')" -%}
    {%- set zoned = "regexp_replace(" ~ short ~ ", ' ?(Z|z|UTC)$', '+00')" -%}
    regexp_replace({{ zoned }}, '^([0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.]+)?)$', '\1+00')
{%- endmacro %}
{% macro default__try_timestamp(value) -%}
    case
        when {{ matches(clean_text(value), timestamp_grammar()) }}
            then case
                when pg_input_is_valid({{ normal_timestamp_text(value) }}, 'timestamptz')
                    then timezone('UTC', cast({{ normal_timestamp_text(value) }} as timestamptz))
            end
    end
{%- endmacro %}
{% macro duckdb__try_timestamp(value) -%}
    case
        when {{ matches(clean_text(value), timestamp_grammar()) }}
            then timezone('UTC', try_cast({{ normal_timestamp_text(value) }} as timestamptz))
    end
{%- endmacro %}

{#- true, t, yes, y, on, 1 and their opposites, in any case. Example: {{ try_boolean('is_test') }} -#}
{% macro try_boolean(value) -%}
    case
        when lower({{ clean_text(value) }}) in ('true', 't', 'yes', 'y', 'on', '1') then true
        when lower({{ clean_text(value) }}) in ('false', 'f', 'no', 'n', 'off', '0') then false
    end
{%- endmacro %}

{#- JSON that every engine can hold: valid by RFC 8259 (DuckDB also reads NaN) and without the escape of NUL
    (Postgres cannot store it). Example: {{ try_json('properties') }} -#}
{% macro try_json(value) -%}{{ adapter.dispatch('try_json', 'tessera')(value) }}{%- endmacro %}
{% macro json_is_portable(value) -%}
    {{ value }} not like '%\u0000%' and {{ value }} not like '%NaN%' and {{ value }} not like '%Infinity%'
{%- endmacro %}
{% macro default__try_json(value) -%}
    case when {{ value }} is json and {{ json_is_portable(value) }} then cast({{ value }} as jsonb) end
{%- endmacro %}
{% macro duckdb__try_json(value) -%}
    case when json_valid({{ value }}) and {{ json_is_portable(value) }} then cast({{ value }} as json) end
{%- endmacro %}
