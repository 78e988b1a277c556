{#- How a value of the raw contract is read, in three steps that are three levels of a query: input_given() takes it from the
    raw table, as it is or as clean text; input_value() parses that text; input_value_in_range() leaves out what nobody can count
    with. Each step names a column of the step before, so that no expression is written out more often than it must be. -#}

{#- The columns of a table of the contract, with what was landed of them: {name, kind, type: in the target's words, is_required, least: below
    which it cannot be, or none, given: its name in the raw table or none, given_type, family: of that type, is_parsed, may_have_no_text}.
    The macros below take one of these. source: a source node of the contract; landed: what is there of it, see landed_tables(), or none. -#}
{% macro input_columns(source, landed) -%}
    {%- set found = [] -%}
    {%- for column in source.columns.values() -%}
        {%- set meta = column.config.meta if column.config and column.config.meta else column.meta -%}
        {%- do found.append(input_column(column.name, meta.kind, column.data_type, meta, landed.columns.get(column.name) if landed)) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{% macro input_column(name, kind, data_type, meta, given) -%}
    {%- set family = landed_family(given.type) if given else none -%}
    {{- return({
        'name': name,
        'kind': kind,
        'type': json_type() if kind == 'json' else data_type,
        'is_required': meta.get('required', false),
        'least': meta.get('least'),
        'given': given.name if given,
        'given_type': given.type if given,
        'family': family,
        'is_parsed': given and input_is_parsed(kind, given.type, family),
        'may_have_no_text': given and kind != 'json' and family in ('json', 'struct')
    }) -}}
{%- endmacro %}

{#- What a landed type is like: text, integer, decimal, double, boolean, time, json, struct, list or other. -#}
{% macro landed_family(landed_type) -%}
    {%- set type = landed_type.split('(')[0].strip() -%}
    {{- return(
        'list' if landed_type.endswith(']') or type == 'array'
        else 'struct' if type in ('struct', 'map', 'union')
        else 'json' if type in ('json', 'jsonb')
        else 'integer' if type in ('integer', 'bigint', 'smallint', 'tinyint', 'hugeint', 'uinteger', 'ubigint', 'usmallint', 'utinyint', 'uhugeint')
        else 'decimal' if type in ('decimal', 'numeric')
        else 'double' if type in ('double', 'double precision', 'real', 'float')
        else 'boolean' if type == 'boolean'
        else 'time' if type.startswith('timestamp') or type == 'date'
        else 'text' if type in ('text', 'varchar', 'character varying', 'character', 'bpchar')
        else 'other'
    ) -}}
{%- endmacro %}

{#- Whether a value is read from its text: its type is not the one that the contract wants, or may hold what that one cannot.
    JSON is read anew: DuckDB's and Postgres' json, not jsonb, hold what jsonb cannot. -#}
{% macro input_is_parsed(kind, type, family) -%}
    {{- return(not (
        (kind == 'timestamp' and family == 'time')
        or (kind == 'boolean' and family == 'boolean')
        or (kind == 'integer' and type in ('integer', 'bigint', 'smallint', 'tinyint'))
        or (kind in ('number', 'rate', 'quantity') and family in ('integer', 'decimal'))
        or (kind == 'double' and family == 'double')
    )) -}}
{%- endmacro %}

{#- The first step: a value in its type, or as text without blanks around it. -#}
{% macro input_given(column) -%}
    {%- set value = 'landed.' ~ adapter.quote(column.given) -%}
    {%- if not column.is_parsed -%}
        {{ input_native_value(column.kind, column.given_type, value, column.type) }}
    {%- elif column.family == 'double' and column.kind in ('text', 'id') -%}
        {#- what is no number stands for nothing here: columns become doubles where a value is missing -#}
        nullif({{ text_of_double(value) }}, 'NaN')
    {%- elif column.family == 'double' -%}
        {{ text_of_double(value) }}
    {%- elif column.family == 'decimal' -%}
        regexp_replace(cast({{ value }} as text), '[.]0*$', '')
    {%- elif column.family in ('struct', 'list') and column.kind == 'json' -%}
        cast({{ row_as_json(value) }} as text)
    {%- elif column.family == 'struct' -%}
        cast(null as text)
    {%- elif column.family == 'list' -%}
        {{ trimmed_text(text_of_list(value)) }}
    {%- elif column.family == 'json' and column.kind != 'json' -%}
        {{ trimmed_text(text_of_landed_json(value)) }}
    {%- elif column.family in ('integer', 'boolean', 'time') -%}
        cast({{ value }} as text)
    {%- else -%}
        {{ clean_text('cast(' ~ value ~ ' as text)') }}
    {%- endif -%}
{%- endmacro %}

{#- A value that needs no parsing, cast so that nothing in it can fail: beyond what a type holds stands its end, which
    input_value_in_range() takes out. Plain timestamps stay as they are, so that filters reach the table. -#}
{% macro input_native_value(kind, landed_type, value, type) -%}
    {%- if kind == 'timestamp' and landed_type in ('timestamp', 'timestamp without time zone') -%}
        {{ value }}
    {%- elif kind == 'timestamp' and landed_type.startswith('timestamp with time zone') -%}
        timezone('UTC', {{ value }})
    {%- elif kind == 'timestamp' and landed_type != 'timestamp_ns' -%}
        cast(least(greatest({{ value }}, cast('0001-01-01' as {{ landed_type }})), cast('9999-12-31' as {{ landed_type }})) as timestamp)
    {%- elif kind in ('number', 'rate', 'quantity') and landed_type.replace(' ', '') != type.replace(' ', '').replace('numeric', 'decimal') -%}
        case
            when {{ value }} >= 1e13 then cast('9999999999999' as {{ type }})
            when {{ value }} <= -1e13 then cast('-9999999999999' as {{ type }})
            else cast({{ value }} as {{ type }})
        end
    {%- else -%}
        cast({{ value }} as {{ type }})
    {%- endif -%}
{%- endmacro %}

{#- The second step: one column of the contract. -#}
{% macro input_value(column) -%}
    {%- if not column.given -%}
        cast(null as {{ column.type }})
    {%- elif column.is_parsed -%}
        {{ input_parsed_value(column.kind, 'given.' ~ column.name, column.type) }}
    {%- else -%}
        given.{{ column.name }}
    {%- endif -%}
{%- endmacro %}

{#- One value of clean text, read by the grammar of its kind. -#}
{% macro input_parsed_value(kind, text, type) -%}
    {%- if kind == 'text' -%}{{ text }}
    {%- elif kind == 'id' -%}{{ id_of_text(text) }}
    {%- elif kind == 'email' -%}lower({{ composed(text) }})
    {%- elif kind == 'currency' -%}translate({{ text }}, 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
    {%- elif kind == 'phone' -%}{{ phone_number(text) }}
    {%- elif kind == 'number' -%}{{ try_number(text, type) }}
    {%- elif kind in ('rate', 'quantity') -%}{{ try_number(text, 'numeric(28, 10)') }}
    {%- elif kind == 'double' -%}{{ try_double(text) }}
    {%- elif kind == 'integer' -%}{{ try_integer(text) }}
    {%- elif kind == 'timestamp' -%}
        coalesce(
            {{ try_timestamp(text) }},
            case
                when lower({{ text }}) in ('infinity', '+infinity') then {{ input_without_end() }}
                when lower({{ text }}) = '-infinity' then cast('0001-01-01' as timestamp)
            end
        )
    {%- elif kind == 'boolean' -%}{{ try_boolean(text) }}
    {%- elif kind == 'json' -%}
        {#- a lone number or flag holds nothing that could be asked for -#}
        case when left({{ text }}, 1) in ('{', '[', '"', 'n') then {{ try_json(text) }} end
    {%- endif -%}
{%- endmacro %}

{#- An id as it is, but that of a whole number which became a double on its way (1001.0) as the number. -#}
{% macro id_of_text(text) -%}
    case
        when {{ text }} like '%.0' and {{ matches(text, '-?[0-9]{1,18}[.]0') }} then split_part({{ text }}, '.', 1)
        else {{ text }}
    end
{%- endmacro %}

{#- A phone number as digits with a leading +: without extension, a zero that is dialled only at home, or the fraction that
    a double has. A number with an exponent lost its digits, and is nobody's; so is one of less than 7 digits, which no number with
    its country's code has (E.164). Without + or 00, one of less than 11 digits or with a 0 before it is a number at home: its digits
    alone, since a + would make a number of another country of it. -#}
{% macro phone_number(text) -%}
    {%- set number = replace_all(text, '(?i)[ ,;(]*(ext(ension)?|x|#)[ .:=]*[0-9]{1,6}[ )]*$|[(]0[)]|[.]0$', '') -%}
    {%- set digits = replace_all(number, '[^0-9]', '') -%}
    case
        when not {{ matches(text, number_grammar() ~ '[eE].*') }}
            then
                case when {{ matches(number, '[^0-9]*[+].*') }} or {{ matches(digits, '00.*|[1-9][0-9]{10,}') }} then '+' else '' end
                || nullif(regexp_replace({{ digits }}, '^(00)?[0-9]{0,6}$|^00', ''), '')
    end
{%- endmacro %}

{#- The times between which a time counts: one before is unknown; one from the end of the calendar on is without end. -#}
{% macro input_earliest() -%}cast('{{ var("earliest_date") }}' as timestamp){%- endmacro %}
{% macro input_without_end() -%}cast('9999-12-31' as timestamp){%- endmacro %}

{#- The third step: the condition under which a value can be counted with; none where every value can. Products of two amounts,
    or of an amount and a rate, that lie within are judged by their tables. Ids are parts of indexes, of which Postgres takes
    2,700 bytes. `loaded_at` is compared and never counted with: filters on it have to reach the table.
    value: SQL expression. -#}
{% macro input_range(column, value) -%}
    {%- set kind = column.kind -%}
    {%- if kind in ('id', 'email', 'phone', 'currency') -%}{{- return(byte_length(value) ~ ' <= 800') -}}
    {%- elif column.name == 'loaded_at' -%}{{- return(none) -}}
    {%- elif kind == 'timestamp' -%}{{- return(value ~ ' >= ' ~ input_earliest() ~ ' and ' ~ value ~ ' < ' ~ input_without_end()) -}}
    {%- endif -%}
    {%- set limits = {'number': '1000000000000', 'rate': '10000000000', 'integer': '10000000', 'quantity': '10000000', 'double': '1e15'} -%}
    {%- if kind in limits -%}
        {%- set limit = 'cast(' ~ sql_text(limits[kind]) ~ ' as ' ~ column.type ~ ')' -%}
        {%- set above = value ~ ' > -' ~ limit if column.least is none else value ~ ' >= ' ~ column.least -%}
        {{- return(above ~ ' and ' ~ value ~ ' < ' ~ limit) -}}
    {%- endif -%}
    {{- return(none) -}}
{%- endmacro %}

{% macro input_value_in_range(column) -%}
    {%- set value = 'typed.' ~ column.name -%}
    {%- set condition = input_range(column, value) -%}
    {%- if condition is none -%}
        {{ value }}
    {%- else -%}
        case when {{ condition }} then cast({{ value }} as {{ column.type }}) end
    {%- endif -%}
{%- endmacro %}

{#- Why values of a row are null that were landed, as ',invalid:a,too_large:b,'; null where none are. Most rows have none, and
    are asked one question. -#}
{% macro input_broken_columns(columns) -%}
    {%- set questions, reasons = [], [] -%}
    {%- for column in columns if column.given -%}
        {%- set kind = column.kind -%}
        {%- set value, text = 'typed.' ~ column.name, 'typed.text_' ~ column.name -%}
        {%- set condition = input_range(column, value) -%}
        {%- set unread = value ~ ' is null and ' ~ text ~ ' is not null' -%}
        {%- set whens = [] -%}
        {%- if column.is_parsed -%}
            {%- if kind in ('number', 'rate', 'quantity', 'double') -%}
                {%- do whens.append('when ' ~ unread ~ ' and ' ~ matches(text, number_grammar()) ~ " then 'too_large:" ~ column.name ~ ",'") -%}
            {%- endif -%}
            {%- do whens.append('when ' ~ unread ~ " then 'invalid:" ~ column.name ~ ",'") -%}
            {%- do questions.append(unread) -%}
        {%- endif -%}
        {%- if column.name == 'loaded_at' -%}
            {%- do questions.append(value ~ ' < ' ~ input_earliest()) -%}
        {%- elif condition is not none -%}
            {%- do questions.append('not (' ~ condition ~ ')') -%}
        {%- endif -%}
        {%- if kind == 'timestamp' -%}
            {%- do whens.append('when ' ~ value ~ ' < ' ~ input_earliest() ~ " then 'too_old:" ~ column.name ~ ",'") -%}
            {%- if column.is_required -%}
                {%- do whens.append('when ' ~ value ~ ' >= ' ~ input_without_end() ~ " then 'future:" ~ column.name ~ ",'") -%}
            {%- endif -%}
        {%- elif condition is not none -%}
            {%- if column.least is not none -%}
                {%- do whens.append('when ' ~ value ~ ' < ' ~ column.least ~ " then 'negative:" ~ column.name ~ ",'") -%}
            {%- endif -%}
            {%- do whens.append('when not (' ~ condition ~ ") then 'too_large:" ~ column.name ~ ",'") -%}
        {%- endif -%}
        {%- if whens -%}{%- do reasons.append('case ' ~ whens | join(' ') ~ " else '' end") -%}{%- endif -%}
    {%- endfor -%}
    {%- if questions -%}
        case when ({{ questions | join(') or (') }}) then ',' || nullif({{ reasons | join(' || ') }}, '') end
    {%- else -%}
        cast(null as text)
    {%- endif -%}
{%- endmacro %}

{#- The row as it was landed, as JSON. columns: {column: {name, type}}. -#}
{% macro input_raw_row(columns) -%}{{ adapter.dispatch('input_raw_row', 'tessera')(columns) }}{%- endmacro %}
{#- Postgres' json may hold what jsonb cannot, so it goes as text. -#}
{% macro default__input_raw_row(columns) -%}
    {%- if columns.values() | selectattr('type', 'equalto', 'json') | list -%}
        to_jsonb((
            select whole
            from (
                select
                    {%- for column in columns.values() %}
                    {%- set name = adapter.quote(column.name) %}
                    {{ 'cast(landed.' ~ name ~ ' as text)' if column.type == 'json' else 'landed.' ~ name }} as {{ name }}{{ ',' if not loop.last }}
                    {%- endfor %}
            ) as whole
        ))
    {%- else -%}
        {{ row_as_json('landed') }}
    {%- endif -%}
{%- endmacro %}
{% macro duckdb__input_raw_row(columns) -%}{{ row_as_json('landed') }}{%- endmacro %}

{#- Whether that can be made of the row later, where it no longer is what it was read from. columns: as above. -#}
{% macro input_row_can_wait(columns) -%}{{- return(adapter.dispatch('input_row_can_wait', 'tessera')(columns)) -}}{%- endmacro %}
{% macro default__input_row_can_wait(columns) -%}
    {{- return(not columns.values() | selectattr('type', 'equalto', 'json') | list) -}}
{%- endmacro %}
{% macro duckdb__input_row_can_wait(columns) -%}{{- return(true) -}}{%- endmacro %}
