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

{#- The tombstone of an identifier of a store's person. Rows that name no store are compared with the persons of all.
    Example: {{ tombstone('store_id', "'email:' || email") }} -#}
{% macro tombstone(store_id, identifier) -%}
    {{ keyed_hash(composed_key(["coalesce(" ~ store_id ~ ", '')", identifier])) }}
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

{#- Whether a row of the input is of somebody who was forgotten: its owner was; or it names no customer and its order is of
    such a person. columns: names of the row's columns; orders: the query of orders that are, none for orders themselves. -#}
{% macro is_erased(columns, erasures, orders=none) -%}
    (
        coalesce({{ tombstone('typed.store_id', owner_of_row(columns, 'typed.')) }} in (select tombstone from {{ erasures }}), false)
        {%- if orders is not none and 'order_id' in columns %}
        or coalesce(
            {{ names_nobody('customer', 'typed.customer_id') ~ ' and ' if 'customer_id' in columns }}(typed.store_id, typed.order_id) in ({{ orders }}), false
        )
        {%- endif %}
    )
{%- endmacro %}

{#- Whether a row of the input that should name somebody names nobody, and mentions somebody who was forgotten in what it says. -#}
{% macro is_erased_by_mention(columns, texts, erasures) -%}
    ({{ owner_of_row(columns, 'typed.') }} is null and {{ mentions_erased('typed.store_id', texts_with_blanks(texts), erasures) }})
{%- endmacro %}

{#- Whether rows of a table are of people: those of products and of the shop itself are about nobody. columns: names. -#}
{% macro names_people(columns) -%}{{ return('customer_id' in columns or 'order_id' in columns) }}{%- endmacro %}

{#- A value of a row that stays: null where it is an identifier of somebody who was forgotten, or a text or JSON that holds one.
    column: name; kind: as in the raw contract, text for a column that may hold anything. -#}
{% macro without_erased(column, kind, erasures, alias='typed') -%}
    {%- set value = alias ~ '.' ~ column -%}
    {%- if column in identifier_kinds() and column != 'customer_id' -%}
        case
            when not coalesce(
                {{ tombstone(alias ~ '.store_id', identifier_of({identifier_kinds()[column]: value})) }} in (select tombstone from {{ erasures }}), false
            ) then {{ value }}
        end
    {%- elif kind in ('text', 'id', 'json') -%}
        case when not {{ mentions_erased(alias ~ '.store_id', 'cast(' ~ value ~ ' as text)', erasures) }} then {{ value }} end
    {%- else -%}
        {{ value }}
    {%- endif -%}
{%- endmacro %}

{#- Whether anything in a row of the input is an identifier of somebody who was forgotten, or holds one. columns: names of its columns;
    texts: SQL expressions of what it says. -#}
{% macro holds_erased(columns, texts, erasures) -%}
    {{ mentions_erased('typed.store_id', texts_with_blanks(texts), erasures) }}
    {%- for column, kind in identifier_kinds().items() if column in columns %}
    or coalesce({{ tombstone('typed.store_id', identifier_of({kind: 'typed.' ~ column})) }} in (select tombstone from {{ erasures }}), false)
    {%- endfor %}
{%- endmacro %}
{% macro texts_with_blanks(texts) -%}
    {%- if not texts -%}cast(null as text){%- endif -%}
    {%- for some in texts | batch(40) -%}concat_ws(' ', {{ some | join(', ') }}){{ " || ' ' || " if not loop.last }}{%- endfor -%}
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

{#- Whether a text holds an identifier of somebody who was forgotten: a piece of it between delimiters does, or a string of its
    JSON, or the digits of a number in any spelling. Null and short texts cost nothing.
    Example: {{ mentions_erased('store_id', 'page_url', erasures) }} -#}
{% macro mentions_erased(store_id, value, erasures) -%}
    coalesce(
        {{ is_unmistakable('lower(' ~ value ~ ')') }}
        and {{ adapter.dispatch('mentions_erased', 'tessera')(store_id, "replace(replace(lower(" ~ value ~ "), '%40', '@'), '%2b', '+')", erasures) }},
        false
    )
{%- endmacro %}
{#- What stands between the pieces of a text; a plus is part of an address, but also a blank of a URL. -#}
{% macro piece_delimiters(also='') -%}[][ \t\r\n"''<>(){},;:=&?#/|\\!*^`{{ also }}]{%- endmacro %}
{% macro number_in_text() -%}[0-9][0-9 ().-]{5,18}[0-9]{%- endmacro %}
{% macro default__mentions_erased(store_id, text, erasures) -%}
    exists (
        select 1
        from (
            select 'text:' || btrim(piece, '.-') as identifier
            from (
                select regexp_split_to_table({{ text }}, '{{ piece_delimiters() }}') as piece
                union all
                select regexp_split_to_table(replace({{ text }}, '+', ' '), '{{ piece_delimiters() }}') as piece where position('+' in {{ text }}) > 0
                union all
                select regexp_split_to_table({{ text }}, '"') as piece
            ) as pieces
            where {{ is_unmistakable("btrim(piece, '.-')") }}
            union all
            select 'phone:+' || regexp_replace(number[1], '^00|[^0-9]', '', 'g') from regexp_matches({{ text }}, '({{ number_in_text() }})', 'g') as number
        ) as found
        where {{ tombstone(store_id, 'found.identifier') }} in (select tombstone from {{ erasures }})
    )
{%- endmacro %}
{% macro duckdb__mentions_erased(store_id, text, erasures) -%}
    list_has_any(
        list_transform(
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
            ),
            lambda identifier: {{ tombstone(store_id, 'identifier') }}
        ),
        (select coalesce(list(known.tombstone), []) from {{ erasures }} as known)
    )
{%- endmacro %}
