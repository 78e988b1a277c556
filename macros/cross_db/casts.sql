{#- Safe casts of text. Plain casts accept different things on every engine (and drop offsets of times), so each
    macro has one written grammar; what does not follow it is null, never an error. value is a column of clean text, see
    clean_text(), because the macros name it several times. -#}

{#- A decimal number: digits, an optional fraction, an optional exponent as printers of doubles write it (1.5e+03);
    below 1e15 in size.
    value: SQL expression of text; type: the numeric type that comes out.
    Example: {{ try_number('price', 'numeric(18, 2)') }} -#}
{% macro try_number(value, type='numeric(18, 2)') -%}{{ adapter.dispatch('try_number', 'tessera')(value, type) }}{%- endmacro %}
{% macro plain_number_grammar() -%}[+-]?([0-9]{1,15}([.][0-9]{0,40})?|[.][0-9]{1,40}){%- endmacro %}
{% macro number_grammar() -%}{{ plain_number_grammar() }}([eE][+-]?[0-9]{1,3})?{%- endmacro %}
{% macro default__try_number(value, type) -%}
    case
        when {{ matches(value, number_grammar()) }}
            then case
                when abs(cast({{ value }} as numeric)) < 1e15 then cast(cast({{ value }} as numeric) as {{ type }})
            end
    end
{%- endmacro %}
{#- DuckDB's decimals misread small exponents (5.55e-17 is 0.01), so a number with one goes by way of its plain digits. -#}
{% macro duckdb__try_number(value, type) -%}
    {%- set double = 'try_cast(' ~ value ~ ' as double)' -%}
    case
        when {{ matches(value, plain_number_grammar()) }} then try_cast({{ value }} as {{ type }})
        when {{ matches(value, number_grammar()) }} and abs({{ double }}) < 1e15
            then try_cast(
                case when abs({{ double }}) >= 1e-4 then cast({{ double }} as text) else format('{:.18f}', {{ double }}) end as {{ type }}
            )
    end
{%- endmacro %}

{#- A number as a double, to nine places. DuckDB reads text into wide numerics fifty times slower than into doubles.
    Example: {{ try_double('latitude') }} -#}
{% macro try_double(value) -%}
    case
        when {{ matches(value, '[+-]?[0-9]{1,15}([.][0-9]{0,9})?') }} then cast({{ value }} as double precision)
        else cast({{ try_number(value, 'numeric(24, 9)') }} as double precision)
    end
{%- endmacro %}

{#- A whole number; 2.0 and 1e+03 are, 2.5 is not. Example: {{ try_integer('quantity') }} -#}
{% macro try_integer(value) -%}
    {%- set number = try_number(value, 'numeric(24, 9)') -%}
    case
        when {{ matches(value, '[+-]?[0-9]{1,15}([.]0*)?') }}
            then cast(split_part({{ value }}, '.', 1) as bigint)
        when {{ number }} = trunc({{ number }}) then cast({{ number }} as bigint)
    end
{%- endmacro %}

{#- A time in UTC without zone, of ISO 8601 text: a date, or date and time with T or a blank between, seconds and
    fraction (behind a point or a comma) optional, then Z, UTC, an offset, or nothing (UTC); in the basic form too
    (20250601T100000Z). 24:00 is the next midnight. Digits past the microsecond are cut off.
    Most times follow one short form, with an offset or without, that both engines read as it stands; the others are spelled anew first.
    Example: {{ try_timestamp('ordered_at') }} -#}
{% macro try_timestamp(value) -%}{{ adapter.dispatch('try_timestamp', 'tessera')(value) }}{%- endmacro %}
{% macro short_timestamp_grammar() -%}
    [12][0-9]{3}-[0-9]{2}-[0-9]{2}[ T]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,6})?Z?
{%- endmacro %}
{#- The same with an offset, which both read as it stands as well. -#}
{% macro offset_timestamp_grammar() -%}
    {{ short_timestamp_grammar() | replace('Z?', '') }}[+-](0[0-9]|1[0-5]):[0-5][0-9]
{%- endmacro %}
{% macro timestamp_grammar() -%}
    {%- set year = '(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})' -%}
    {%- set fraction = '([.,][0-9]+)?' -%}
    {%- set zone = '( ?(Z|UTC|[+-](0[0-9]|1[0-5]):?([0-5][0-9])?))?' -%}
    {{- year }}-[0-9]{2}-[0-9]{2}([ T](([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]{{ fraction }})?|24:00(:00([.,]0+)?)?))?{{ zone -}}
    |{{ year }}[0-9]{4}([ T](([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9]{{ fraction }})?|2400(00([.,]0+)?)?){{ zone }})?
{%- endmacro %}
{#- The text (in capitals) in the one spelling that both engines read: dashes and colons, blank for T, a point and at most six
    digits of fraction, seconds and an offset always there. Each step is (pattern, replacement). -#}
{% macro normal_timestamp_text(value) -%}
    {%- set steps = [
        ('^([0-9]{4})([0-9]{2})([0-9]{2})', '\\1-\\2-\\3'),
        ('^(.{10})T', '\\1 '),
        ('^(.{10} [0-9]{2})([0-9]{2})', '\\1:\\2'),
        ('^(.{10} [0-9]{2}:[0-9]{2})([0-9]{2})', '\\1:\\2'),
        (',', '.'),
        ('([.][0-9]{6})[0-9]+', '\\1'),
        (' ?(Z|UTC)$', '+00'),
        (' ([+-][0-9:]+)$', '\\1'),
        ('^([0-9-]{10})([+-].*)?$', '\\1 00:00:00\\2'),
        ('^([0-9-]{10} [0-9]{2}:[0-9]{2})([+-].*)?$', '\\1:00\\2'),
        ('^([0-9-]{10} [0-9:.]+)$', '\\1+00'),
    ] -%}
    {%- set text = namespace(sql='upper(' ~ value ~ ')') -%}
    {%- for pattern, replacement in steps -%}
        {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "')" -%}
    {%- endfor -%}
    {{- text.sql -}}
{%- endmacro %}
{% macro default__try_timestamp(value) -%}
    case
        when {{ matches(value, short_timestamp_grammar()) }}
            then case when pg_input_is_valid({{ value }}, 'timestamp') then cast({{ value }} as timestamp) end
        when {{ matches(value, offset_timestamp_grammar()) }}
            then case when pg_input_is_valid({{ value }}, 'timestamptz') then timezone('UTC', cast({{ value }} as timestamptz)) end
        when {{ matches('upper(' ~ value ~ ')', timestamp_grammar()) }}
            then case
                when pg_input_is_valid({{ normal_timestamp_text(value) }}, 'timestamptz')
                    then timezone('UTC', cast({{ normal_timestamp_text(value) }} as timestamptz))
            end
    end
{%- endmacro %}
{% macro duckdb__try_timestamp(value) -%}
    case
        when {{ matches(value, short_timestamp_grammar()) }} then try_cast({{ value }} as timestamp)
        when {{ matches(value, offset_timestamp_grammar()) }} then timezone('UTC', try_cast({{ value }} as timestamptz))
        when {{ matches('upper(' ~ value ~ ')', timestamp_grammar()) }}
            then timezone('UTC', try_cast({{ normal_timestamp_text(value) }} as timestamptz))
    end
{%- endmacro %}

{#- true, t, yes, y, on, 1 and their opposites, in any case, and the states of a consent that shops write (subscribed, granted;
    pending is not yet one); numbers as any type prints them (1.0, 0.00).
    Example: {{ try_boolean('is_test') }} -#}
{% macro try_boolean(value) -%}
    case
        when lower({{ value }}) in ('true', 't', 'yes', 'y', 'on', '1', 'subscribed', 'granted') then true
        when
            lower({{ value }}) in (
                'false', 'f', 'no', 'n', 'off', '0', 'unsubscribed', 'not_subscribed', 'not subscribed', 'pending', 'denied'
            )
            then false
        when {{ matches(value, '1[.]0*') }} then true
        when {{ matches(value, '0[.]0*') }} then false
    end
{%- endmacro %}

{#- JSON that every engine can hold: valid by RFC 8259, without the escapes that Postgres cannot store (NUL, and half of a
    surrogate pair, as text that was cut off has it), without numbers that no double holds (an exponent of three digits), and with
    at most 2,000 objects and lists (Postgres stops at an error
    where some thousands lie within each other). JSON that was encoded twice, a text that holds an object or a list, is read
    once more. Of a name that an object has twice the last value counts, as Postgres has it.
    Example: {{ try_json('properties') }} -#}
{% macro try_json(value) -%}{{ adapter.dispatch('try_json', 'tessera')(value) }}{%- endmacro %}
{% macro default__try_json(value) -%}
    {%- set inner = "(cast(" ~ value ~ " as jsonb) #>> '{}')" -%}
    case
        when {{ is_json(value) }}
            then case
                when left({{ value }}, 1) = '"'
                    then case
                        when not {{ inner }} ~ '^[[:space:]]*[[{]' then cast({{ value }} as jsonb)
                        when {{ is_json(inner) }} then cast({{ inner }} as jsonb)
                    end
                else cast({{ value }} as jsonb)
            end
    end
{%- endmacro %}
{% macro duckdb__try_json(value) -%}
    {%- set inner = "(cast(" ~ value ~ " as json) ->> '$')" -%}
    case
        when {{ is_json(value) }}
            then case
                when left({{ value }}, 1) = '"'
                    then case
                        when not regexp_matches({{ inner }}, '^[[:space:]]*[[{]') then cast({{ value }} as json)
                        when {{ is_json(inner) }} then {{ duckdb_json_without_repeats(inner) }}
                    end
                else {{ duckdb_json_without_repeats(value) }}
            end
    end
{%- endmacro %}

{#- Whether text is JSON that every engine can hold, as try_json() says. -#}
{% macro is_json(text) -%}{{ adapter.dispatch('is_json', 'tessera')(text) }}{%- endmacro %}
{% macro few_brackets(text) -%}
    ({{ byte_length(text) }} <= 2000 or length({{ text }}) - length(translate({{ text }}, '[{', '')) <= 2000)
{%- endmacro %}
{% macro default__is_json(text) -%}
    {%- set large = '[eE][+-]?[0-9]{3}' -%}
    case
        when not {{ few_brackets(text) }} then false
        when {{ text }} ~ '{{ large }}' and regexp_replace({{ text }}, '"(\\.|[^"\\])*"', '', 'g') ~ '{{ large }}' then false
        else pg_input_is_valid({{ text }}, 'jsonb')
    end
{%- endmacro %}
{#- DuckDB also reads trailing commas, NaN and infinities, which are looked for outside of strings where
    there may be any; escapes are looked for behind an even number of backslashes. -#}
{% macro duckdb__is_json(text) -%}
    {%- set outside = '(?i)nan|inf|,\\s*[]}]|e[+-]?[0-9]{3}' -%}
    {%- set escapes = "replace(" ~ text ~ ", '\\\\', '')" -%}
    (
        json_valid({{ text }})
        and {{ few_brackets(text) }}
        and case
            when contains({{ text }}, '\u')
                then position('\u0000' in {{ escapes }}) = 0
                and not regexp_matches(
                    regexp_replace({{ escapes }}, '\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}', '', 'g'), '\\u[dD][89a-fA-F]'
                )
            else true
        end
        and case
            when regexp_matches({{ text }}, '{{ outside }}')
                then not regexp_matches(regexp_replace({{ text }}, '"(\\.|[^"\\])*"', '', 'g'), '{{ outside }}')
            else true
        end
    )
{%- endmacro %}

{#- DuckDB keeps every value of a name that an object has twice, and would find the first; as a variant it keeps the last. -#}
{% macro duckdb_json_without_repeats(text) -%}
    case
        when
            len(json_keys({{ text }})) <> list_unique(json_keys({{ text }}))
            or (
                contains(substring({{ text }}, 2), '{')
                and list_bool_or(list_transform(json_keys({{ text }}, '$.**'), lambda names: len(names) <> list_unique(names)))
            )
            then cast(cast(cast({{ text }} as json) as variant) as json)
        else cast({{ text }} as json)
    end
{%- endmacro %}
