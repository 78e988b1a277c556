{#- Forgets a person: deletes their rows from every table, empties what other rows hold of them, and keeps tombstones (see
    macros/erasure.sql), so that no reload brings them back. What is counted over many people is made again by the next
    build, which should follow at once. The raw tables are the loader's: rows that are still there, or come again, are
    suppressed. Run by `tessera forget`, because dbt itself would write into its log and run_results.json who was forgotten.
    store_id, person: texts; a customer id, the person's id, or any identifier with its kind, such as email:a@b.example.
    dry_run: true says what would be deleted, and deletes nothing. -#}
{% macro forget_customer(store_id, person, dry_run=false) -%}
    {%- if execute -%}
        {%- do check_forget(store_id, person, dry_run) -%}
        {%- set models = {} -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'tessera' and node.config.materialized != 'view' -%}
            {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
            {%- if relation is not none and not relation.is_view -%}{%- do models.update({node.name: relation}) -%}{%- endif -%}
        {%- endfor -%}
        {%- if 'erasures' not in models or 'customer_identities' not in models or 'base_events' not in models -%}
            {{- exceptions.raise_compiler_error('To forget somebody needs a shop that was built: run dbt build first.') -}}
        {%- endif -%}
        {%- if erasures_in_force() is none -%}{%- do take_erasure_key() -%}{%- endif -%}
        {%- if not dry_run and not run_query('select ' ~ has_erasure_key()).rows[0][0] -%}
            {{- exceptions.raise_compiler_error(
                'Tombstones of those who were forgotten need a secret of this installation. Make one (tessera secret), keep it where the nights find '
                ~ 'it, and set TESSERA_ERASURE_SECRET to it, here and for every run from now on; it cannot be made again when it is lost. On DuckDB '
                ~ 'the profile needs the plugin tessera.duckdb_plugin, see profiles.yml.'
            ) -}}
        {%- endif -%}
        {%- do find_forgotten(models, store_id, spelled_as_read(person)) -%}
        {%- set plan = forget_plan(models) -%}
        {%- if not dry_run -%}
            {%- do forget_everywhere(models, plan) -%}
            {%- set left_overs = drop_left_overs() -%}
            {%- if left_overs -%}{%- do adapter.add_query(left_overs) -%}{%- endif -%}
        {%- endif -%}
        {%- do say_forgotten(store_id, person, plan, dry_run) -%}
        {%- for statement in ('drop table forgotten', 'drop table forgotten_devices', drop_forgotten_texts()) -%}
            {%- do adapter.add_query(statement) -%}
        {%- endfor -%}
        {%- do adapter.commit() -%}
        {%- if not dry_run -%}{%- do make_input() -%}{%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Stops where an argument is no text, as YAML reads 0123 and yes, or where dbt writes down what it was asked. -#}
{% macro check_forget(store_id, person, dry_run) -%}
    {%- for name, value in {'store_id': store_id, 'person': person}.items() -%}
        {%- if value is not string or value | trim == '' -%}
            {{- exceptions.raise_compiler_error(
                name ~ ' is not a text' ~ (', but was read as ' ~ value if value is not none and value is not string else '') ~ '. YAML reads digits as a number, '
                ~ 'yes as true and 2025-01-01 as a date: write quotes around it within those of the shell, --args ' ~ "'" ~ '{store_id: "north", '
                ~ 'person: "0123"}' ~ "'" ~ ', or use tessera forget --store north --person 0123, which takes everything as text.'
            ) -}}
        {%- endif -%}
    {%- endfor -%}
    {%- if dry_run is not boolean -%}{{- exceptions.raise_compiler_error('dry_run is true or false, not ' ~ dry_run ~ '.') -}}{%- endif -%}
    {%- if flags.WRITE_JSON or invocation_args_dict.log_level_file != 'none' or invocation_args_dict.log_level == 'debug' -%}
        {{- exceptions.raise_compiler_error(
            'dbt writes what it is asked into logs/dbt.log and target/run_results.json, and whoever should be forgotten would stand there. Use tessera '
            ~ 'forget --store NORTH --person PERSON, which writes nothing down, and delete those two files, in which this command stands already.'
        ) -}}
    {%- endif -%}
{%- endmacro %}

{#- An address or a number in the one spelling in which the input reads it, whichever it was asked for in. -#}
{% macro spelled_as_read(person) -%}
    {%- set kind, value = person.split(':', 1) if ':' in person else ('', person) -%}
    {%- if kind == 'email' -%}
        {{- return('email:' ~ value | trim | lower) -}}
    {%- elif kind == 'phone' -%}
        {%- set digits = modules.re.sub('[(]0[)]|[^0-9]', '', value) -%}
        {%- set is_abroad = modules.re.match('[^0-9]*[+]', value) or modules.re.match('00|[1-9][0-9]{10}', digits) -%}
        {{- return('phone:' ~ ('+' if is_abroad else '') ~ modules.re.sub('^00', '', digits)) -}}
    {%- endif -%}
    {{- return(person) -}}
{%- endmacro %}

{#- Fills the temporary table `forgotten` (store_id, kind, identifier, value): every identifier of the person, and the visits and orders in
    which nobody else is named. Values come from tables and bindings, so that no statement names anybody. -#}
{% macro find_forgotten(models, store_id, person) -%}
    {%- set identities = models['customer_identities'] -%}
    {%- set bound = bound_value() -%}
    {%- do adapter.add_query('create temporary table forgotten (store_id text, kind text, identifier text, value text)') -%}
    {%- set matches -%}
        store_id = {{ bound }} and (customer_id = {{ bound }} or identifier = {{ bound }} or (identifier_type = 'customer' and identifier_value = {{ bound }}))
    {%- endset -%}
    {%- do adapter.add_query('create temporary table requested_customers (store_id text, customer_id text)') -%}
    {%- do adapter.add_query(
        'insert into requested_customers select distinct store_id, customer_id from ' ~ identities ~ ' where ' ~ matches, bindings=[store_id, person, person, person]
    ) -%}
    {%- set found = run_query('select count(*) from requested_customers').rows[0][0] -%}
    {%- if found == 0 -%}
        {{- exceptions.raise_compiler_error(
            'No person in the store ' ~ store_id ~ ' has the identifier ' ~ person
            ~ '. Give a customer id, or an identifier with its kind, such as email:a@b.example.'
        ) -}}
    {%- elif found > 1 -%}
        {{- exceptions.raise_compiler_error(
            person ~ ' is the identifier of one person and the customer id of another in the store ' ~ store_id ~ '. Put customer: in front where the '
            ~ 'customer is meant, and give another identifier of the person where it is not.'
        ) -}}
    {%- endif -%}
    {%- do adapter.add_query(
        "insert into forgotten select store_id, identifier_type, identifier, case when identifier_type = 'external' then " ~ second_of_key('identifier_value')
        ~ ' else identifier_value end from ' ~ identities ~ ' where (store_id, customer_id) in (select store_id, customer_id from requested_customers)'
    ) -%}
    {%- do adapter.add_query('drop table requested_customers') -%}
    {%- for kind, column in {'session': 'session_id', 'order': 'order_id'}.items() -%}
        {%- set named = [] -%}
        {%- for name in ('base_events', 'base_sessions', 'base_orders', 'base_refunds') if name in models -%}
            {%- set columns = adapter.get_columns_in_relation(models[name]) | map(attribute='name') | list -%}
            {%- if column in columns -%}
                {%- do named.append(
                    'select named.' ~ column ~ ' as value, ' ~ owner_of_row(columns, 'named.') ~ ' as owner from ' ~ models[name]
                    ~ ' as named where named.' ~ column ~ ' is not null and named.store_id = (select min(store_id) from forgotten)'
                ) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do adapter.add_query(
            "insert into forgotten select (select min(store_id) from forgotten), '" ~ kind ~ "', '" ~ kind ~ ":' || named.value, named.value from ("
            ~ named | join(' union all ') ~ ') as named left join forgotten on named.owner = forgotten.identifier group by named.value '
            ~ "having count(forgotten.identifier) > 0 and count(case when forgotten.identifier is null and named.owner not like 'session:%' "
            ~ "and named.owner not like 'order:%' then 1 end) = 0"
        ) -%}
    {%- endfor -%}
{%- endmacro %}
{#- The second part of a composed key of two. -#}
{% macro second_of_key(key) -%}
    {%- set rest = 'substring(' ~ key ~ ' from length(split_part(' ~ key ~ ", ':', 1)) + cast(split_part(" ~ key ~ ", ':', 1) as integer) + 3)" -%}
    substring({{ rest }} from position(':' in {{ rest }}) + 1)
{%- endmacro %}

{% macro bound_value() -%}{{ return(adapter.dispatch('bound_value', 'tessera')()) }}{%- endmacro %}
{% macro default__bound_value() -%}{{ return('%s') }}{%- endmacro %}
{% macro duckdb__bound_value() -%}{{ return('?') }}{%- endmacro %}

{#- What is to be done, a list of {table, columns, rows, changes, deleted, changed}: the condition of the rows that go, the columns that other
    rows lose something in (name: condition), and how many rows either are. Also finds the devices whose events are placed in
    sessions anew. -#}
{% macro forget_plan(models) -%}
    {%- do forgotten_texts() -%}
    {%- set plan = [] -%}
    {%- set device_tables = ['int_events_sessionized', 'int_events_enriched', 'int_event_sessions', 'int_visitor_days', 'int_event_links'] -%}
    {%- for name, relation in models.items() if name != 'erasures' and name not in device_tables -%}
        {%- do plan.append(forget_table(name, relation)) -%}
    {%- endfor -%}
    {%- set events = plan | selectattr('name', 'equalto', 'base_events') | first -%}
    {%- do adapter.add_query(
        'create temporary table forgotten_devices as select distinct store_id, device_id from ' ~ events.relation ~ ' where ' ~ events.rows ~ ' or '
        ~ (events.changes.values() | join(' or '))
        ~ (' union select distinct store_id, device_id from ' ~ models['int_events_enriched'] ~ ' where store_id in (select store_id from forgotten) and ('
           ~ identifier_of({'customer': 'event_customer_id'}) ~ ' in (select identifier from forgotten) or '
           ~ identifier_of({'customer': 'source_customer_id'}) ~ ' in (select identifier from forgotten))'
           if 'int_events_enriched' in models else '')
    ) -%}
    {%- for name in device_tables if name in models -%}
        {%- do plan.append({
            'name': name, 'relation': models[name], 'changes': {},
            'changed': 0, 'rows': '(store_id, device_id) in (select store_id, device_id from forgotten_devices)'
        }) -%}
    {%- endfor -%}
    {%- set counts = [] -%}
    {%- for table in plan -%}
        {%- set changes = table.changes.values() | join(' or ') or 'false' -%}
        {%- do counts.append(
            "select '" ~ table.name ~ "' as name, count(case when " ~ table.rows ~ ' then 1 end) as deleted, count(case when not (' ~ table.rows ~ ') and ('
            ~ changes ~ ') then 1 end) as changed from ' ~ table.relation
        ) -%}
    {%- endfor -%}
    {%- set counted = {} -%}
    {%- for row in run_query(counts | join(' union all ')).rows -%}{%- do counted.update({row[0]: row}) -%}{%- endfor -%}
    {%- for table in plan -%}
        {%- do table.update({'deleted': counted[table.name][1], 'changed': counted[table.name][2]}) -%}
    {%- endfor -%}
    {{- return(plan) -}}
{%- endmacro %}

{#- Whom the columns of a model name, by the marks in its YAML (config.meta.names): {column: what}. A person (by id, whichever of the
    person's identifiers that was in its night), a customer (by the shop's own id), an identifier (with its kind), and the value of
    one kind: email, phone, anon, session, order; a device, with its kind. -#}
{% macro names_in_columns(model_name) -%}
    {%- set found = {} -%}
    {%- for column in graph.nodes['model.tessera.' ~ model_name].columns.values() if column.config.meta.names -%}
        {%- do found.update({column.name: column.config.meta.names}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- What is to be done in one table: columns that name a person, a customer or an identifier say whose a row is, others only where no
    customer is named. Any other column of text may mention somebody. -#}
{% macro forget_table(name, relation) -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- set forgotten = {
        'person': 'select ' ~ id_of_identifier('identifier') ~ ' from forgotten',
        'customer': "select value from forgotten where kind = 'customer'",
        'identifier': 'select identifier from forgotten',
        'device': 'select identifier from forgotten'
    } -%}
    {%- set owners, owned, strangers, changes = [], [], [], {} -%}
    {%- for column, what in names_in_columns(name).items() if column in names -%}
        {%- set condition = column ~ ' in (' ~ forgotten.get(what, "select value from forgotten where kind = '" ~ what ~ "'") ~ ')' -%}
        {%- if what in ('person', 'customer', 'identifier') -%}
            {%- do owners.append(condition) -%}
            {%- if what != 'identifier' -%}{%- do strangers.append(names_nobody('customer', column)) -%}{%- endif -%}
        {%- else -%}
            {%- do owned.append('coalesce(' ~ condition ~ ', false)') -%}
            {%- do changes.update({column: 'coalesce(' ~ condition ~ ', false)'}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for column in columns if column.name not in changes and column.name not in ('store_id', 'customer_id', 'event_id', 'fate')
        and (column.is_string() or column.dtype | lower in ('json', 'jsonb', 'text[]', 'varchar[]', 'array', '_text')) -%}
        {%- do changes.update({column.name: mentions_forgotten(column.name)}) -%}
    {%- endfor -%}
    {%- if 'raw_row' in names -%}
        {%- do owners.append("(raw_row ->> 'customer_id') in (select value from forgotten where kind = 'customer')") -%}
    {%- endif -%}
    {%- set rows = owners[:] -%}
    {%- if name.startswith('base_') and name != 'base_rejected_events' -%}
        {#- What was landed is judged as it is on the way in. -#}
        {%- set rows = [owner_of_row(names, '') ~ ' in (select identifier from forgotten)'] -%}
        {%- if 'order_id' in names -%}
            {%- do rows.append((names_nobody('customer', 'customer_id') ~ ' and ' if 'customer_id' in names else '') ~ changes.order_id) -%}
        {%- endif -%}
        {%- do changes.pop('device_id', none) -%}
        {%- if names_people(names) -%}{%- do rows.append('(' ~ owner_of_row(names, '') ~ ' is null and (' ~ changes.values() | join(' or ') ~ '))') -%}{%- endif -%}
    {%- elif owned -%}{%- do rows.append('(' ~ (strangers + ['(' ~ owned | join(' or ') ~ ')']) | join(' and ') ~ ')') -%}{%- endif -%}
    {%- if name in ('base_rejected_events', 'rejected_rows') -%}{%- do rows.append(mentions_forgotten('raw_row')) -%}{%- endif -%}
    {%- set store = "coalesce(store_id, '') in (select store_id from forgotten union all select '') and " if 'store_id' in names else '' -%}
    {%- for column in changes -%}{%- do changes.update({column: '(' ~ store ~ changes[column] ~ ')'}) -%}{%- endfor -%}
    {{- return({
        'name': name, 'relation': relation, 'changes': changes, 'columns': names,
        'rows': '(' ~ store ~ 'coalesce(' ~ (rows | join(' or ') or 'false') ~ ', false))'
    }) -}}
{%- endmacro %}

{#- Whether a text mentions the person: the same as what mentions_erased() finds by tombstones, by what is known while forgetting. -#}
{% macro mentions_forgotten(column) -%}
    coalesce({{ adapter.dispatch('matches_forgotten', 'tessera')("replace(replace(lower(cast(" ~ column ~ " as text)), '%40', '@'), '%2b', '+')") }}, false)
{%- endmacro %}
{% macro default__matches_forgotten(text) -%}{{ text }} ~ (select pattern from forgotten_texts){%- endmacro %}
{% macro duckdb__matches_forgotten(text) -%}regexp_matches({{ text }}, getvariable('forgotten_texts')){%- endmacro %}

{#- Makes the pattern of everything that is unmistakable of a person. -#}
{% macro forgotten_texts() -%}
    {%- set pattern -%}
        select
            '(^|{{ piece_delimiters('+') }})[.-]*(' || string_agg(alternative, '|') || ')[.-]*({{ piece_delimiters('+') }}|$)' as pattern
        from (
            select
                case
                    when kind = 'phone' then '(00|[+])?' || regexp_replace(ltrim(value, '+'), '([0-9])', '\1[ ().-]{0,2}', 'g')
                    else regexp_replace(lower(value), '([].[*+?^{}()|/$\\-])', '\\\1', 'g')
                end as alternative
            from forgotten
            where {{ is_unmistakable('lower(value)') }}
        ) as alternatives
    {%- endset -%}
    {%- do adapter.add_query(adapter.dispatch('keep_forgotten_texts', 'tessera')(pattern)) -%}
{%- endmacro %}
{% macro default__keep_forgotten_texts(pattern) -%}create temporary table forgotten_texts as {{ pattern }}{%- endmacro %}
{% macro duckdb__keep_forgotten_texts(pattern) -%}set variable forgotten_texts = ({{ pattern }}){%- endmacro %}
{% macro drop_forgotten_texts() -%}{{ return(adapter.dispatch('drop_forgotten_texts', 'tessera')()) }}{%- endmacro %}
{% macro default__drop_forgotten_texts() -%}{{ return('drop table forgotten_texts') }}{%- endmacro %}
{% macro duckdb__drop_forgotten_texts() -%}{{ return('reset variable forgotten_texts') }}{%- endmacro %}

{#- Deletes rows, empties values and writes tombstones, in one transaction with the rest of the operation. -#}
{% macro forget_everywhere(models, plan) -%}
    {%- set events = models['base_events'] -%}
    {%- set next_batch = '(select max(batch_id) + 1 from ' ~ events ~ ')' -%}
    {%- set statements = [] -%}
    {%- for table in plan if table.deleted -%}{%- do statements.append('delete from ' ~ table.relation ~ ' where ' ~ table.rows) -%}{%- endfor -%}
    {#- Loads are numbered from the highest number that is left, and what is left of a device is a new load. -#}
    {%- for name, source in [
        ('int_event_links', 'base_events'), ('int_events_sessionized', 'base_events'), ('int_events_enriched', 'int_events_sessionized')
    ] if name in models and source in models -%}
        {%- do statements.append(
            'update ' ~ models[name] ~ ' set source_batch_id = (select coalesce(max(batch_id), 0) from ' ~ models[source]
            ~ ') where source_batch_id > (select coalesce(max(batch_id), 0) from ' ~ models[source] ~ ')'
        ) -%}
    {%- endfor -%}
    {%- for table in plan if table.changed -%}
        {%- set values = [] -%}
        {%- for column, condition in table.changes.items() -%}
            {%- set goes = condition -%}
            {%- if table.name == 'base_events' and column in ('source', 'medium', 'campaign') -%}
                {#- What was read from an address goes with it. -#}
                {%- set goes = '(' ~ condition ~ ' or (' ~ table.changes.page_url ~ ' and ' ~ column ~ ' = ' ~ utm_of_event(column) ~ '))' -%}
            {%- endif -%}
            {%- do values.append(
                column ~ ' = case when not coalesce(' ~ goes ~ ', false) then ' ~ column
                ~ (' else ' ~ rest_of_event(column, table.changes) if table.name == 'base_events' else '') ~ ' end'
            ) -%}
        {%- endfor -%}
        {%- if table.name == 'base_events' -%}{%- do values.append('batch_id = ' ~ next_batch) -%}{%- endif -%}
        {%- do statements.append('update ' ~ table.relation ~ ' set ' ~ values | join(', ') ~ ' where ' ~ table.changes.values() | join(' or ')) -%}
    {%- endfor -%}
    {#- An event of somebody else on the person's device is now one of what else it names. -#}
    {%- do statements.append(
        'update ' ~ events ~ ' set device_id = ' ~ device_of_event() ~ ', batch_id = ' ~ next_batch
        ~ ' where store_id in (select store_id from forgotten) and device_id in (select identifier from forgotten)'
    ) -%}
    {%- do statements.append(
        'update ' ~ events ~ ' set batch_id = ' ~ next_batch ~ ' where (store_id, device_id) in (select store_id, device_id from forgotten_devices)'
    ) -%}
    {#- What was refused is read again as a whole by the next build: nobody knows which column of such a row names whom. -#}
    {%- if 'base_rejected_events' in models -%}{%- do statements.append('delete from ' ~ models['base_rejected_events']) -%}{%- endif -%}
    {%- do statements.append(tombstones_of_forgotten(models['erasures'])) -%}
    {%- for statement in statements -%}{%- do adapter.add_query(statement) -%}{%- endfor -%}
    {%- for table in plan if table.deleted or table.changed -%}{%- do forget_statistics(table.relation) -%}{%- endfor -%}
{%- endmacro %}

{#- The value that a column of an event takes instead of one that is not kept: what base_event_arrivals makes of the rest.
    columns: name -> condition under which a value goes. -#}
{% macro rest_of_event(column, columns) -%}
    {%- if column == 'channel' -%}
        {{ channel_of_event_type('event_type') }}
    {%- elif column in ('source', 'medium', 'campaign') -%}
        case when not {{ columns.page_url }} then {{ utm_of_event(column) }} end
    {%- else -%}
        null
    {%- endif -%}
{%- endmacro %}
{% macro utm_of_event(column) -%}
    {%- set value = clean_text(url_decoded(url_parameter('page_url', 'utm_' ~ column))) -%}
    {{ known_origin(column, value if column == 'campaign' else lower_letters(value), made_table('model', 'stg_traffic_channels')) }}
{%- endmacro %}

{#- The device of an event that is in base_events, by what it names. -#}
{% macro device_of_event() -%}
    case
        when not {{ names_nobody('anon', 'anonymous_id') }} then {{ identifier_of({'anon': 'anonymous_id'}) }}
        when not {{ names_nobody('customer', 'customer_id') }} then {{ identifier_of({'customer': 'customer_id'}) }}
        when not {{ names_nobody('email', 'email') }} then {{ identifier_of({'email': 'email'}) }}
        when not {{ names_nobody('session', 'session_id') }} then {{ identifier_of({'session': 'session_id'}) }}
        else 'event:' || event_id
    end
{%- endmacro %}

{#- The statement that writes tombstones: of each identifier with its kind, and of what is unmistakable also as it may stand in a text. -#}
{% macro tombstones_of_forgotten(erasures) -%}
    insert into {{ erasures }} (store_id, identifier_type, tombstone, key_id, as_of)
    select distinct store_id, kind, tombstone, {{ erasure_key_id() }}, {{ as_of() }}
    from (
        select stores.store_id, named.kind, {{ tombstone('stores.store_id', 'named.identifier') }} as tombstone
        from (
            select store_id, kind, identifier from forgotten
            union all
            select store_id, 'text', 'text:' || lower(value) from forgotten
            where kind <> 'phone' and {{ is_unmistakable('lower(value)') }}
        ) as named
        cross join (select distinct store_id from forgotten union all select '') as stores
    ) as named
    where tombstone not in (select earlier.tombstone from {{ erasures }} as earlier)
{%- endmacro %}

{#- Statistics of a table, in which Postgres keeps the most common values. -#}
{% macro forget_statistics(relation) -%}{{ adapter.dispatch('forget_statistics', 'tessera')(relation) }}{%- endmacro %}
{% macro default__forget_statistics(relation) -%}{%- do adapter.add_query('analyze ' ~ relation) -%}{%- endmacro %}
{% macro duckdb__forget_statistics(relation) -%}{%- endmacro %}

{#- Says who was found, by kinds, and how many rows of which table go or lose a value. -#}
{% macro say_forgotten(store_id, person, plan, dry_run) -%}
    {%- set kinds = [] -%}
    {%- for row in run_query('select kind, count(*) from forgotten group by kind order by kind').rows -%}{%- do kinds.append(row[1] ~ ' ' ~ row[0]) -%}{%- endfor -%}
    {%- do print(
        ('Would forget ' if dry_run else 'Forgotten: ') ~ person ~ ' of the store ' ~ store_id ~ ', identifiers by kind: ' ~ kinds | join(', ') ~ '.'
    ) -%}
    {%- for table in plan if table.deleted or table.changed -%}
        {%- do print(
            '  ' ~ table.relation.schema ~ '.' ~ table.relation.identifier ~ ': ' ~ table.deleted ~ (' rows to delete' if dry_run else ' rows deleted')
            ~ (', ' ~ table.changed ~ (' rows of others to clear of it' if dry_run else ' rows of others without it') if table.changed else '')
        ) -%}
    {%- endfor -%}
    {%- if dry_run -%}
        {%- do print('Nothing was changed.') -%}
    {%- else -%}
        {%- do print('Run dbt build now: what is counted over many people is made again without this one.') -%}
        {%- do print(advice_after_forgetting()) -%}
    {%- endif -%}
{%- endmacro %}
{% macro advice_after_forgetting() -%}{{ return(adapter.dispatch('advice_after_forgetting', 'tessera')()) }}{%- endmacro %}
{% macro default__advice_after_forgetting() -%}
    {{- return('Postgres keeps deleted rows in its files until a vacuum: run vacuum (autovacuum does in time), and vacuum full where the bytes must go. '
        ~ 'The log of the server, its archived WAL and backups are not ours.') -}}
{%- endmacro %}
{% macro duckdb__advice_after_forgetting() -%}
    {{- return('DuckDB keeps deleted bytes in its file: run tessera compact, which writes the file anew, after the build. Backups are not ours.') -}}
{%- endmacro %}
