{#- The tombstone of an identifier: a hash from which nobody reads who it was.
    Example: {{ tombstone('store_id', "'email:' || email") }} -#}
{% macro tombstone(store_id, identifier) -%}
    {{ adapter.dispatch('tombstone', 'tessera')(store_id, identifier) }}
{%- endmacro %}
{% macro default__tombstone(store_id, identifier) -%}
    encode(sha256(convert_to({{ composed_key([store_id, identifier]) }}, 'UTF8')), 'hex')
{%- endmacro %}
{% macro duckdb__tombstone(store_id, identifier) -%}sha256({{ composed_key([store_id, identifier]) }}){%- endmacro %}

{#- The table of tombstones, or none where nobody was ever forgotten: then no row pays for the question. -#}
{% macro erasures_in_force() -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'erasures' -%}
        {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- if relation is not none and run_query('select 1 from ' ~ relation ~ ' limit 1').rows | length > 0 -%}
            {{- return(relation) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none) -}}
{%- endmacro %}

{#- Whether a value names no customer: it is null, or one that identifies nobody, as what shops write for guests. Looked up in
    the graph, because hooks and operations are no models that could depend on a seed. -#}
{% macro names_no_customer(value) -%}
    {%- set rules = graph.nodes.values() | selectattr('resource_type', 'equalto', 'seed') | selectattr('name', 'equalto', 'identity_rules') | first -%}
    ({{ value }} is null or lower({{ value }}) in (
        select coalesce(rules.value, 'null')
        from {{ api.Relation.create(database=rules.database, schema=rules.schema, identifier=rules.alias) }} as rules
        where rules.rule = 'blocked' and rules.identifier_type in ('any', 'customer')
    ))
{%- endmacro %}

{#- Whether a row is about somebody who was forgotten: its customer was, or, where it names no customer, its address, number
    or device was; or its order was such a person's. columns: names of the row's columns; orders: the relation
    `erased_orders` for tables whose rows belong to orders. -#}
{% macro is_erased(columns, erasures, orders=none) -%}
    {%- set kinds = {'email': 'email', 'phone': 'phone', 'anonymous_id': 'anon'} -%}
    {%- set named = [] -%}
    {%- for column, kind in kinds.items() if column in columns -%}
        {%- do named.append(tombstone('typed.store_id', "'" ~ kind ~ ":' || typed." ~ column) ~ ' in (select tombstone from ' ~ erasures ~ ')') -%}
    {%- endfor -%}
    (
        false
        {%- if 'customer_id' in columns %}
        or coalesce({{ tombstone('typed.store_id', "'customer:' || typed.customer_id") }} in (select tombstone from {{ erasures }}), false)
        {%- endif %}
        {%- for condition in named %}
        or coalesce({{ names_no_customer('typed.customer_id') ~ ' and ' if 'customer_id' in columns }}{{ condition }}, false)
        {%- endfor %}
        {%- if orders is not none and 'order_id' in columns %}
        or coalesce((typed.store_id, typed.order_id) in (select store_id, order_id from {{ orders }}), false)
        {%- endif %}
    )
{%- endmacro %}

{#- Forgets a person: deletes them from every table, and keeps a tombstone of each of their identifiers, so that no reload
    brings them back. What is counted over many people is made again by the next build, which should follow at once.
    The raw tables are the loader's: rows that are still there, or come again, are suppressed.
    person: a customer id, the person's id, or any identifier with its kind, such as email:a@b.example.
    Example: dbt run-operation forget_customer --args '{store_id: north, person: c1000042}' -#}
{% macro forget_customer(store_id, person) -%}
    {%- if execute -%}
        {%- set models = {} -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'tessera' and node.config.materialized != 'view' -%}
            {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
            {%- if relation is not none and not relation.is_view -%}{%- do models.update({node.name: relation}) -%}{%- endif -%}
        {%- endfor -%}
        {%- if 'erasures' not in models or 'customer_identities' not in models -%}
            {{- exceptions.raise_compiler_error('forget_customer needs a shop that was built: run dbt build first.') -}}
        {%- endif -%}
        {%- set given = sql_text(person) -%}
        {%- set store = sql_text(store_id) -%}
        {%- set found = run_query(
            'select identifier, customer_id from ' ~ models['customer_identities'] ~ ' where store_id = ' ~ store ~ ' and customer_id in ('
            ~ 'select customer_id from ' ~ models['customer_identities'] ~ ' where store_id = ' ~ store
            ~ ' and (identifier = ' ~ given ~ " or identifier = 'customer:' || " ~ given ~ ' or customer_id = ' ~ given ~ '))'
        ).rows -%}
        {%- if found | length == 0 -%}
            {{- exceptions.raise_compiler_error(
                'No person in the store ' ~ store_id ~ ' has the identifier ' ~ person
                ~ '. Give a customer id, or an identifier with its kind, such as email:a@b.example.'
            ) -}}
        {%- endif -%}
        {%- set identifiers, customers = [], [] -%}
        {%- for row in found -%}
            {%- do identifiers.append(row[0]) -%}
            {#- Ledgers keep the id of their night: somebody who is a customer now was a device or an address before. -#}
            {%- do customers.append(row[0][9:] if row[0].startswith('customer:') else row[0]) -%}
            {%- if row[1] not in customers -%}{%- do customers.append(row[1]) -%}{%- endif -%}
        {%- endfor -%}
        {%- do forget_everywhere(models, store, identifiers, customers) -%}
    {%- endif -%}
{%- endmacro %}

{#- Writes tombstones, deletes rows, and marks devices whose events are placed in sessions anew. -#}
{% macro forget_everywhere(models, store, identifiers, customers) -%}
    {%- set names = sql_list(identifiers) -%}
    {%- set ids = sql_list(customers) -%}
    {%- set statements = [] -%}
    {%- set deleted = {} -%}
    {#- Every device that the person used, their own or somebody else's. -#}
    {%- set devices = [] -%}
    {%- if 'int_events_enriched' in models -%}
        {%- for row in run_query(
            'select distinct device_id from ' ~ models['int_events_enriched'] ~ ' where store_id = ' ~ store ~ ' and (device_id in ' ~ names
            ~ ' or event_customer_id in ' ~ ids ~ ' or source_customer_id in ' ~ ids ~ ')'
        ).rows -%}{%- do devices.append(row[0]) -%}{%- endfor -%}
    {%- endif -%}
    {%- for name, relation in models.items() if name != 'erasures' -%}
        {%- set columns = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
        {%- set condition = rows_of_person(name, columns, names, ids, devices) -%}
        {%- if condition -%}
            {%- set where = ' where store_id = ' ~ store ~ ' and (' ~ condition ~ ')' -%}
            {%- set rows = run_query('select count(*) from ' ~ relation ~ where).rows[0][0] -%}
            {%- if rows > 0 -%}
                {%- do deleted.update({relation.schema ~ '.' ~ relation.identifier: rows}) -%}
                {%- do statements.append('delete from ' ~ relation ~ where) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if 'int_events_enriched' in models -%}
        {#- Loads are numbered from the highest number that is left, and what is left of a device is a new load. -#}
        {%- do statements.append(
            'update ' ~ models['int_events_enriched'] ~ ' set source_batch_id = (select coalesce(max(batch_id), 0) from ' ~ models['base_events']
            ~ ') where source_batch_id > (select coalesce(max(batch_id), 0) from ' ~ models['base_events'] ~ ')'
        ) -%}
        {%- do statements.append(
            'update ' ~ models['base_events'] ~ ' set batch_id = (select max(batch_id) + 1 from ' ~ models['base_events']
            ~ ') where store_id = ' ~ store ~ ' and device_id in ' ~ sql_list(devices)
        ) -%}
    {%- endif -%}
    {%- for identifier in identifiers -%}
        {%- do statements.append(
            'insert into ' ~ models['erasures'] ~ ' (store_id, identifier_type, tombstone, as_of) select ' ~ store ~ ', ' ~ sql_text(identifier.split(':')[0])
            ~ ', ' ~ tombstone(store, sql_text(identifier)) ~ ', ' ~ as_of()
            ~ ' where ' ~ tombstone(store, sql_text(identifier)) ~ ' not in (select tombstone from ' ~ models['erasures'] ~ ')'
        ) -%}
    {%- endfor -%}
    {%- call statement('forget', auto_begin=True) -%}{{ statements | join(';\n') }}{%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do log('Forgotten: ' ~ identifiers | length ~ ' identifiers of one person; deleted:', info=true) -%}
    {%- for name, rows in deleted.items() -%}{%- do log('  ' ~ name ~ ': ' ~ rows ~ ' rows', info=true) -%}{%- endfor -%}
    {%- do log('Run dbt build now: what is counted over many people is made again without this one.', info=true) -%}
{%- endmacro %}

{#- The condition under which a table's row is about the person; empty where it never is. -#}
{% macro rows_of_person(name, columns, names, ids, devices) -%}
    {%- set owners = ['customer_id', 'source_customer_id', 'event_customer_id', 'earlier_customer_id'] | select('in', columns) | list -%}
    {%- set conditions = [] -%}
    {%- if name in ('int_events_enriched', 'int_event_sessions', 'int_visitor_days', 'int_event_ties') -%}
        {#- What others did on the same devices comes again with the next run. -#}
        {%- do conditions.append('device_id in ' ~ sql_list(devices)) -%}
    {%- else -%}
        {%- for column in owners -%}{%- do conditions.append(column ~ ' in ' ~ ids) -%}{%- endfor -%}
        {%- for column in ['identifier', 'other_identifier', 'person_identifier', 'left_identifier', 'right_identifier'] if column in columns -%}
            {%- do conditions.append(column ~ ' in ' ~ names) -%}
        {%- endfor -%}
        {%- for column, kind in {'device_id': '', 'anonymous_id': 'anon:', 'email': 'email:', 'phone': 'phone:'}.items() if column in columns -%}
            {%- set alone = [] -%}
            {%- for owner in owners -%}{%- do alone.append(names_no_customer(owner) ~ ' and ') -%}{%- endfor -%}
            {%- do conditions.append('(' ~ alone | join('') ~ "'" ~ kind ~ "' || " ~ column ~ ' in ' ~ names ~ ')') -%}
        {%- endfor -%}
        {%- if 'raw_row' in columns -%}
            {%- do conditions.append(clean_text("(raw_row ->> 'customer_id')") ~ ' in ' ~ ids) -%}
            {%- for column, kind in {'anonymous_id': 'anon:', 'email': 'email:', 'phone': 'phone:'}.items() -%}
                {%- do conditions.append(
                    '(' ~ names_no_customer(clean_text("(raw_row ->> 'customer_id')")) ~ " and '" ~ kind ~ "' || lower(" ~ clean_text("(raw_row ->> '" ~ column ~ "')")
                    ~ ') in ' ~ names ~ ')'
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(conditions | join(' or ')) -}}
{%- endmacro %}
