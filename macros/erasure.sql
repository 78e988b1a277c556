{#- Rows of people who were forgotten stay out of every run. What is kept of a person are tombstones in the ledger `erasures`:
    of each identifier an HMAC-SHA-256 under the secret of the installation (TESSERA_ERASURE_SECRET), from which nobody
    who lacks the secret finds a number or an address by trying. Who deletes is macros/forget.sql. -#}

{#- HMAC-SHA-256 of a text as hexadecimal digits; null where the key is not there. The key is held as its two pads.
    Example: {{ keyed_hash("'tessera'") }} -#}
{% macro keyed_hash(text) -%}{{ adapter.dispatch('keyed_hash', 'tessera')(text) }}{%- endmacro %}
{% macro default__keyed_hash(text) -%}
    {%- set key = input_relation('erasure_key') -%}
    {{ hash_with_pads(text, '(select inner_pad from ' ~ key ~ ')', '(select outer_pad from ' ~ key ~ ')') }}
{%- endmacro %}
{% macro hash_with_pads(text, inner_pad, outer_pad) -%}
    encode(sha256({{ outer_pad }} || sha256({{ inner_pad }} || convert_to({{ text }}, 'UTF8'))), 'hex')
{%- endmacro %}
{% macro duckdb__keyed_hash(text) -%}
    sha256(
        cast(getvariable('tessera_outer_pad') as blob)
        || unhex(sha256(cast(getvariable('tessera_inner_pad') as blob) || encode({{ text }})))
    )
{%- endmacro %}

{#- The tombstone of an identifier of a store's person. Rows that name no store are compared with the persons of all. A phone number is the
    same with and without the + of a country's code: texts do not tell which it is.
    Example: {{ tombstone('store_id', "'email:' || email") }} -#}
{% macro tombstone(store_id, identifier) -%}
    {%- set told -%}
        case
            when left({{ identifier }}, 6) = 'phone:' then 'phone:+' || ltrim(substring({{ identifier }} from 7), '+') else {{ identifier }}
        end
    {%- endset -%}
    {{ keyed_hash(composed_key(["coalesce(" ~ store_id ~ ", '')", told])) }}
{%- endmacro %}

{#- Puts the key where SQL finds it, unless it is another than that of the tombstones that are there, and returns what tells it from
    others; none where there is no key. DuckDB: variables of each connection, set by tessera.duckdb_plugin (plugin of the profile), because
    whoever has the file has all that is in it. Postgres: a table of one row that its owner alone may read, filled from the
    environment where that names a secret; what is bound is not logged. key_ids: of the tombstones. -#}
{% macro take_erasure_key(key_ids=[]) -%}{{ return(adapter.dispatch('take_erasure_key', 'tessera')(key_ids)) }}{%- endmacro %}
{% macro duckdb__take_erasure_key(key_ids) -%}{{ return(run_query('select ' ~ erasure_key_id()).rows[0][0]) }}{%- endmacro %}
{% macro default__take_erasure_key(key_ids) -%}
    {%- set key = input_relation('erasure_key') -%}
    {%- do adapter.create_schema(key) -%}
    {%- do adapter.add_query(
        'create table if not exists ' ~ key
        ~ ' (is_only boolean primary key default true check (is_only), inner_pad bytea not null, outer_pad bytea not null)'
    ) -%}
    {%- for grantee in run_query(
        "select distinct grantee from information_schema.role_table_grants where grantee <> current_user and table_schema = '"
        ~ key.schema ~ "' and table_name = 'erasure_key'"
    ).rows -%}
        {%- do adapter.add_query('revoke all on ' ~ key ~ ' from ' ~ ('public' if grantee[0] == 'PUBLIC' else adapter.quote(grantee[0]))) -%}
    {%- endfor -%}
    {%- set secret = env_var('TESSERA_ERASURE_SECRET', '') -%}
    {%- if not secret -%}{{- return(run_query('select ' ~ erasure_key_id()).rows[0][0]) -}}{%- endif -%}
    {%- set found = adapter.add_query(
        'select left(' ~ hash_with_pads(erasure_key_text(), 'pads.inner_pad', 'pads.outer_pad') ~ ', 16) from (' ~ pads_of_secret() ~ ') as pads',
        bindings=[secret]
    )[1].fetchall()[0][0] -%}
    {%- if key_ids in ([], [found]) -%}
        {%- do adapter.add_query(
            'insert into ' ~ key ~ ' (inner_pad, outer_pad) ' ~ pads_of_secret()
            ~ ' on conflict (is_only) do update set inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad',
            bindings=[secret]
        ) -%}
    {%- endif -%}
    {{- return(found) -}}
{%- endmacro %}

{#- The query of the pads of a secret, which is bound: each of its 64 bytes (of its SHA-256 where it is longer) is xored with 0x36
    and 0x5c. -#}
{% macro pads_of_secret() -%}
    select
        {%- for name, pad in {'inner_pad': 54, 'outer_pad': 92}.items() %}
        string_agg(
            decode(lpad(to_hex({{ pad }} # case when place < length(bytes) then get_byte(bytes, place) else 0 end), 2, '0'), 'hex'), '' order by place
        ) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select case when length(given) > 64 then sha256(given) else given end as bytes
        from (select convert_to(%s, 'UTF8') as given) as secret
    ) as secret
    cross join generate_series(0, 63) as place
{%- endmacro %}

{#- What tells one secret from another and gives nothing of it away. -#}
{% macro erasure_key_id() -%}left({{ keyed_hash(erasure_key_text()) }}, 16){%- endmacro %}
{% macro erasure_key_text() -%}'key of tessera'{%- endmacro %}

{#- Whether this run has the key. -#}
{% macro has_erasure_key() -%}{{ adapter.dispatch('has_erasure_key', 'tessera')() }}{%- endmacro %}
{% macro default__has_erasure_key() -%}exists (select 1 from {{ input_relation('erasure_key') }}){%- endmacro %}
{% macro duckdb__has_erasure_key() -%}getvariable('tessera_inner_pad') is not null{%- endmacro %}

{#- The table of tombstones, or none where nobody was ever forgotten: then no row pays for the question, and no secret is asked
    for. Stops where the secret is not the one that they were made with. -#}
{% macro erasures_in_force() -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name == 'erasures' -%}
        {%- set relation = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
        {%- if relation is not none and run_query('select 1 from ' ~ relation ~ ' limit 1').rows | length > 0 -%}
            {%- do check_erasure_key(relation) -%}
            {{- return(relation) -}}
        {%- endif -%}
    {%- endfor -%}
    {{- return(none) -}}
{%- endmacro %}

{#- Stops in a sentence where tombstones are of another secret than this run's. -#}
{% macro check_erasure_key(erasures) -%}
    {%- set key_ids = [] -%}
    {%- if 'key_id' in adapter.get_columns_in_relation(erasures) | map(attribute='name') -%}
        {%- for row in run_query('select distinct key_id from ' ~ erasures).rows -%}{%- do key_ids.append(row[0]) -%}{%- endfor -%}
    {%- endif -%}
    {%- set mine = take_erasure_key(key_ids) -%}
    {%- if key_ids != [mine] -%}
        {{- exceptions.raise_compiler_error(
            erasures ~ ' holds tombstones of people who were forgotten, and '
            ~ ('this run has no secret to compare with' if mine is none else 'the secret of this run is not the one that made them') ~ '. Set '
            ~ 'TESSERA_ERASURE_SECRET to the secret that people were forgotten with (on DuckDB the profile needs the plugin '
            ~ 'tessera.duckdb_plugin, see profiles.yml). Where it is lost for good, tombstones say nothing any more: delete those people from the raw '
            ~ 'tables, empty ' ~ erasures ~ ', and forget again, under a new secret, whoever is still there.'
        ) -}}
    {%- endif -%}
{%- endmacro %}

{#- Whether a value names nobody: it is null, or one that identifies nobody, as what shops write for guests. Looked up in
    the graph, because hooks and operations are no models that could depend on another one, which may be still to come.
    kind: customer, email, phone, anon. -#}
{% macro names_nobody(kind, value) -%}
    {%- set made = made_table('model', 'stg_identity_rules') -%}
    {%- set rules = adapter.get_relation(made.database, made.schema, made.identifier) -%}
    ({{ value }} is null or lower({{ value }}) in (
        select coalesce(rules.value, 'null')
        from {{ rules or made_table('seed', 'identity_rules') }} as rules
        where rules.rule = 'blocked' and rules.identifier_type in ('any', '{{ kind }}')
    ))
{%- endmacro %}

{#- The columns of identifiers, best first, with their kinds. -#}
{% macro identifier_kinds() -%}
    {{- return({'customer_id': 'customer', 'email': 'email', 'phone': 'phone', 'anonymous_id': 'anon', 'session_id': 'session', 'order_id': 'order'}) -}}
{%- endmacro %}

{#- Whose a row is: the best identifier that it names, with its kind; null where there is none. columns: names; prefix: of their names. -#}
{% macro owner_of_row(columns, prefix) -%}
    {%- if names_people(columns) -%}
    case
        {%- for column, kind in identifier_kinds().items() if column in columns %}
        when not {{ names_nobody(kind, prefix ~ column) }} then {{ identifier_of({kind: prefix ~ column}) }}
        {%- endfor %}
    end
    {%- else -%}
    cast(null as text)
    {%- endif -%}
{%- endmacro %}

{#- Whether an owner is somebody who was forgotten. owner: see owner_of_row. -#}
{% macro is_erased_owner(owner, erasures) -%}
    coalesce({{ tombstone('typed.store_id', owner) }} in (select tombstone from {{ erasures }}), false)
{%- endmacro %}

{#- The order of a row that names no customer. columns: names of the row's columns. -#}
{% macro order_of_unnamed(columns) -%}
    {%- if 'customer_id' in columns -%}
        case when {{ names_nobody('customer', 'typed.customer_id') }} then typed.order_id end
    {%- else -%}
        typed.order_id
    {%- endif -%}
{%- endmacro %}

{#- Whether an order is one of somebody who was forgotten. orders: the query of such orders. -#}
{% macro is_erased_order(order, orders) -%}coalesce((typed.store_id, {{ order }}) in ({{ orders }}), false){%- endmacro %}

{#- Whether rows of a table are of people: those of products and of the shop itself are about nobody. columns: names. -#}
{% macro names_people(columns) -%}{{ return('customer_id' in columns or 'order_id' in columns) }}{%- endmacro %}

{#- A query of the rows of another one, with what they hold of people who were forgotten: owner (see owner_of_row) and found, the list of
    their identifiers that a row names or mentions; null where it holds none. A row is asked once, whatever is then made of it, and what
    each of its pieces says is looked up in a table: tombstones are many. typed: the query; columns: names of its columns; texts: SQL
    expressions of what it says. -#}
{% macro asked_of_erasures(typed, columns, texts, erasures) -%}
        {{ computed_once() }}
        select
            typed.*,
            {{ adapter.dispatch('found_erased', 'tessera')('typed.store_id', 'typed.identifiers', erasures) }} as found
        from (
            {{ computed_once() }}
            select
                typed.*,
                {{ owner_of_row(columns, 'typed.') }} as owner,
                {{ adapter.dispatch('identifiers_of_row', 'tessera')(columns, quoted_texts(texts)) }} as identifiers
            from ({{ typed }}) as typed
        ) as typed
{%- endmacro %}
{% macro default__found_erased(store_id, identifiers, erasures) -%}
    (
        select array_agg(named.identifier) from unnest({{ identifiers }}) as named (identifier)
        where {{ tombstone(store_id, 'named.identifier') }} in (select tombstone from {{ erasures }})
    )
{%- endmacro %}
{% macro duckdb__found_erased(store_id, identifiers, erasures) -%}
    (
        select list(named.identifier) from (select unnest(string_split({{ identifiers }}, chr(0))) as identifier) as named
        where {{ tombstone(store_id, 'named.identifier') }} in (select tombstone from {{ erasures }})
    )
{%- endmacro %}

{#- All identifiers in a row, with their kinds: those in its columns, and whatever may be one in its texts. A list; on DuckDB a text, since
    filters on a row do not reach the table past a subquery about a list. -#}
{% macro default__identifiers_of_row(columns, text) -%}
    {{ identifiers_in_columns(columns) }} || {{ identifiers_in_text(text) }}
{%- endmacro %}
{% macro duckdb__identifiers_of_row(columns, text) -%}
    array_to_string(list_concat({{ identifiers_in_columns(columns) }}, {{ identifiers_in_text(text) }}), chr(0))
{%- endmacro %}
{% macro identifiers_in_columns(columns) -%}
    {%- set named = [] -%}
    {%- for column, kind in identifier_kinds().items() if column in columns -%}{%- do named.append(identifier_of({kind: 'typed.' ~ column})) -%}{%- endfor -%}
    cast(array[{{ named | join(', ') }}] as text[])
{%- endmacro %}

{#- A value of a row that was asked and stays: null where it is an identifier of somebody who was forgotten, or a text or JSON that
    holds one. column: name; kind: as in the raw contract, text for a column that may hold anything. -#}
{% macro without_erased(column, kind) -%}
    {%- set value = 'typed.' ~ column -%}
    {%- if column in identifier_kinds() and column != 'customer_id' -%}
        case
            when typed.found is null then {{ value }}
            when not coalesce({{ list_holds('typed.found', identifier_of({identifier_kinds()[column]: value})) }}, false) then {{ value }}
        end
    {%- elif kind in ('text', 'id', 'json') -%}
        case
            when typed.found is null then {{ value }}
            when not coalesce({{ adapter.dispatch('lists_share', 'tessera')(identifiers_in_text('cast(' ~ value ~ ' as text)'), 'typed.found') }}, false) then {{ value }}
        end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}
{% macro default__lists_share(one, other) -%}({{ one }}) && {{ other }}{%- endmacro %}
{% macro duckdb__lists_share(one, other) -%}list_has_any({{ one }}, {{ other }}){%- endmacro %}

{#- Texts in one, apart as strings of JSON are: each is a piece of it, and no number goes from one into the next. -#}
{% macro quoted_texts(texts) -%}
    {%- if not texts -%}cast(null as text){%- endif -%}
    {%- for some in texts | batch(40) -%}concat_ws('"', {{ some | join(', ') }}){{ " || '\"' || " if not loop.last }}{%- endfor -%}
{%- endmacro %}

{#- Whether an identifier can be told from the words and numbers of a text: it has six characters, not letters alone, and ten where they
    are digits alone. Others are looked for in their own columns only. value: SQL expression of text in lower case. -#}
{% macro is_unmistakable(value) -%}
    (length({{ value }}) >= 6 and {{ found_in(value, '[^a-z]') }} and (length({{ value }}) >= 10 or {{ found_in(value, '[^0-9]') }}))
{%- endmacro %}

{#- Whether a pattern is found anywhere in a text. Example: {{ found_in('page_url', '[?]email=') }} -#}
{% macro found_in(value, pattern) -%}{{ adapter.dispatch('found_in', 'tessera')(value, pattern) }}{%- endmacro %}
{% macro default__found_in(value, pattern) -%}{{ value }} ~ '{{ pattern }}'{%- endmacro %}
{% macro duckdb__found_in(value, pattern) -%}regexp_matches({{ value }}, '{{ pattern }}'){%- endmacro %}

{#- The list of what may be identifiers in a text, with kinds: pieces of it between delimiters and strings of its JSON that cannot be
    mistaken for words, and the digits of its numbers in any spelling. Example: {{ identifiers_in_text('page_url') }} -#}
{% macro identifiers_in_text(text) -%}
    {{ adapter.dispatch('identifiers_in_text', 'tessera')("replace(replace(lower(" ~ text ~ "), '%40', '@'), '%2b', '+')") }}
{%- endmacro %}
{#- What stands between the pieces of a text; a plus is part of an address, but also a blank of a URL. -#}
{% macro piece_delimiters(also='') -%}[][ \t\r\n"''<>(){},;:=&?#/|\\!*^`{{ also }}]{%- endmacro %}
{% macro number_in_text() -%}[0-9][0-9 ().-]{5,18}[0-9]{%- endmacro %}
{% macro default__identifiers_in_text(text) -%}
    array(
        select 'text:' || btrim(piece, '.-')
        from (
            select regexp_split_to_table({{ text }}, '{{ piece_delimiters() }}') as piece
            union all
            select regexp_split_to_table(replace({{ text }}, '+', ' '), '{{ piece_delimiters() }}') as piece where position('+' in {{ text }}) > 0
            union all
            select regexp_split_to_table({{ text }}, '"') as piece
        ) as pieces
        where {{ is_unmistakable("btrim(piece, '.-')") }}
        union
        select 'phone:+' || regexp_replace(number[1], '^00|[^0-9]', '', 'g') from regexp_matches({{ text }}, '({{ number_in_text() }})', 'g') as number
    )
{%- endmacro %}
{% macro duckdb__identifiers_in_text(text) -%}
    list_concat(
        list_transform(
            list_filter(
                list_distinct(list_transform(
                    list_concat(
                        string_split_regex({{ text }}, '{{ piece_delimiters() }}'),
                        case when position('+' in {{ text }}) > 0 then string_split_regex(replace({{ text }}, '+', ' '), '{{ piece_delimiters() }}') end,
                        string_split({{ text }}, '"')
                    ),
                    lambda piece: trim(piece, '.-')
                )),
                lambda piece: {{ is_unmistakable('piece') }}
            ),
            lambda piece: 'text:' || piece
        ),
        list_transform(
            regexp_extract_all({{ text }}, '{{ number_in_text() }}'), lambda number: 'phone:+' || regexp_replace(number, '^00|[^0-9]', '', 'g')
        )
    )
{%- endmacro %}
