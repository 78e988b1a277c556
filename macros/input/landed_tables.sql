{#- The tables of the raw contract, whether or not a shop has them: the var raw_tables lists those that it may have. -#}
{% macro contract_tables() -%}
    {{- return([
        'stores', 'customers', 'products', 'orders', 'order_items', 'refunds', 'events', 'sessions', 'identities',
        'purchase_attributions', 'support_tickets', 'segment_imports', 'exchange_rates', 'campaign_costs'
    ]) -}}
{%- endmacro %}

{#- What the shop has, of the tables in var('raw_tables'): {table: {identifier: its name there, columns: {column of the contract:
    {name: its name there, type}}, unknown: {name of another column: the column of the contract that it resembles, or none}}}.
    Names are compared without case; where two differ in nothing else, the one in lower case counts. -#}
{% macro landed_tables(raw) -%}
    {%- set listed = var('raw_tables') | list -%}
    {%- set contract = {} -%}
    {%- for source in raw -%}{%- do contract.update({source.name: source.columns.keys() | list}) -%}{%- endfor -%}
    {%- set found = {} -%}
    {%- for row in run_query(
        "select table_name, column_name, lower(data_type) as data_type from information_schema.columns where table_schema = '"
        ~ raw[0].schema ~ "' and table_catalog = '" ~ raw[0].database
        ~ "' order by table_name <> lower(table_name), table_name, column_name <> lower(column_name), column_name"
    ).rows -%}
        {%- set table = row[0] | lower -%}
        {%- if table in listed and table in contract and found.setdefault(table, {'identifier': row[0], 'columns': {}, 'unknown': {}}).identifier == row[0] -%}
            {%- set name = row[1] | lower -%}
            {%- if name in contract[table] and name not in found[table].columns -%}
                {%- do found[table].columns.update({name: {'name': row[1], 'type': row[2]}}) -%}
            {%- else -%}
                {%- do found[table].unknown.update({row[1]: none}) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for table, landed in found.items() -%}
        {%- for name in landed.unknown -%}
            {%- do landed.unknown.update({name: resembled_name(name | lower, contract[table] | reject('in', landed.columns) | list)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The name of a list that a name was meant to be: one or two letters away, and less than half of it; none where there is none.
    Example: {{ resembled_name('custmer_id', ['customer_id', 'email']) }} -> customer_id -#}
{% macro resembled_name(name, names) -%}
    {%- set best = namespace(name=none, distance=3) -%}
    {%- for known in names if (known | length - name | length) | abs < best.distance -%}
        {%- set distance = edit_distance(name, known) -%}
        {%- if distance < best.distance and 2 * distance < known | length -%}
            {%- set best.name = known -%}
            {%- set best.distance = distance -%}
        {%- endif -%}
    {%- endfor -%}
    {{- return(best.name) -}}
{%- endmacro %}

{#- How many letters have to be added, left out or changed to make one text of another (Levenshtein). -#}
{% macro edit_distance(left, right) -%}
    {%- set row = namespace(above=range(right | length + 1) | list) -%}
    {%- for letter in left -%}
        {%- set here = [loop.index] -%}
        {%- for other in right -%}
            {%- do here.append([row.above[loop.index] + 1, here[loop.index0] + 1, row.above[loop.index0] + (letter != other) | int] | min) -%}
        {%- endfor -%}
        {%- set row.above = here -%}
    {%- endfor -%}
    {{- return(row.above | last) -}}
{%- endmacro %}

{#- The statements that make `unknown_columns`: landed columns that nothing reads. -#}
{% macro unknown_columns_view(landed) -%}
    {%- set query -%}
        select cast('' as text) as table_name, cast('' as text) as column_name, cast('' as text) as resembles where false
        {%- for table, found in landed.items() -%}
            {%- for name, resembled in found.unknown.items() %}
                union all
                select {{ sql_text(table) }}, {{ sql_text(name) }}, {{ sql_text(resembled) if resembled else 'null' }}
            {%- endfor -%}
        {%- endfor -%}
    {%- endset -%}
    {{ late_bound_view(
        input_relation('unknown_columns'), {'table_name': 'text', 'column_name': 'text', 'resembles': 'text'}, query
    ) }}
{%- endmacro %}

{#- One line of the run's log says what of the landed tables nothing reads. -#}
{% macro warn_of_unknown_columns(landed) -%}
    {%- set tables = [] -%}
    {%- for table, found in landed.items() if found.unknown -%}
        {%- set names = [] -%}
        {%- for name, resembled in found.unknown.items() -%}
            {%- do names.append(name ~ (' (is it ' ~ resembled ~ '?)' if resembled else '')) -%}
        {%- endfor -%}
        {%- do tables.append(table ~ ': ' ~ names | join(', ')) -%}
    {%- endfor -%}
    {%- if tables and flags.WHICH in ('run', 'build') -%}
        {%- do exceptions.warn('Raw columns that the contract does not know, and nothing reads: ' ~ tables | join('; ')) -%}
    {%- endif -%}
{%- endmacro %}

{#- The columns of a table of the raw contract that need not be filled, with what they say in staging: {channel: channel, customer_id:
    source_customer_id, is_test: nullif(is_test, false)}; what an absent value counts as says nothing. Known when a model is
    compiled. Example: {{ optional_columns('events') }} -#}
{% macro optional_columns(table) -%}
    {%- set found = {} -%}
    {%- if execute -%}
        {%- set staged = graph.nodes['model.tessera.stg_' ~ table].columns -%}
        {%- for column in graph.sources['source.tessera.raw.' ~ table].columns.values() -%}
            {%- set name = column.name if column.name in staged else 'source_' ~ column.name -%}
            {%- if not column.config.meta.required and name in staged and column.name not in ['loaded_at', 'received_at'] -%}
                {%- set absent = column.config.meta.get('absent_is') -%}
                {%- do found.update({column.name: name if absent is none else 'nullif(' ~ name ~ ', ' ~ absent | lower ~ ')'}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}
