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
        when {{ matches(clean_text(value), '[+-]?[0-9]{1,15}([.]0*)?') }}
            then cast(split_part({{ clean_text(value) }}, '.', 1) as bigint)
    end
{%- endmacro %}

{#- A time in UTC without zone, of ISO 8601 text: a date, or date and time with T or a blank between, seconds and
    fraction optional, then Z, UTC, an offset, or nothing (UTC). Digits past the microsecond are cut off.
    Example: {{ try_timestamp('ordered_at') }} -#}
{% macro try_timestamp(value) -%}{{ adapter.dispatch('try_timestamp', 'tessera')(value) }}{%- endmacro %}
{% macro timestamp_grammar() -%}
    (000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})-[0-9]{2}-[0-9]{2}([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?)?( ?(Z|z|UTC|[+-](0[0-9]|1[0-5]):?([0-5][0-9])?))?
{%- endmacro %}
{#- The text in the one spelling that both engines read: blank for T, at most six digits of fraction, seconds and an
    offset always there. Each step is (pattern, replacement). -#}
{% macro normal_timestamp_text(value) -%}
    {%- set steps = [
        ('^(.{10})T', '\\1 '),
        ('([.][0-9]{6})[0-9]+', '\\1'),
        (' ?(Z|z|UTC)$', '+00'),
        (' ([+-][0-9:]+)$', '\\1'),
        ('^([0-9-]{10})([+-].*)?$', '\\1 00:00:00\\2'),
        ('^([0-9-]{10} [0-9]{2}:[0-9]{2})([+-].*)?$', '\\1:00\\2'),
        ('^([0-9-]{10} [0-9:.]+)$', '\\1+00'),
    ] -%}
    {%- set text = namespace(sql=clean_text(value)) -%}
    {%- for pattern, replacement in steps -%}
        {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "')" -%}
    {%- endfor -%}
    {{- text.sql -}}
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

{#- JSON that every engine can hold: valid by RFC 8259, and without the escapes that Postgres cannot store (NUL, and half
    of a surrogate pair, as text that was cut off has it). DuckDB also reads trailing commas, NaN and infinities; they
    are looked for outside of strings. Example: {{ try_json('properties') }} -#}
{% macro try_json(value) -%}{{ adapter.dispatch('try_json', 'tessera')(value) }}{%- endmacro %}
{% macro default__try_json(value) -%}
    case when pg_input_is_valid({{ value }}, 'jsonb') then cast({{ value }} as jsonb) end
{%- endmacro %}
{% macro duckdb__try_json(value) -%}
    case
        when
            json_valid({{ value }})
            and position('\u0000' in {{ value }}) = 0
            and not regexp_matches(
                regexp_replace({{ value }}, '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g'), '\\u[dD][89a-fA-F]'
            )
            and not regexp_matches(
                regexp_replace({{ value }}, '"(\\.|[^"\\])*"', '', 'g'), '(?i)nan|inf|,\s*[]}]'
            )
            then cast({{ value }} as json)
    end
{%- endmacro %}
