{#- An identifier as it counts: null where the value is one that identifies nobody (model stg_identity_rules, rule blocked).
    dbt reads the word null in a seed as no value on some engines.
    kind: customer, email, phone or anon. Example: {{ known_id('email', 'orders.email') }} -#}
{% macro known_id(kind, value) -%}
    case
        when lower({{ value }}) not in (
            select coalesce(rules.value, 'null') from {{ ref('stg_identity_rules') }} as rules
            where rules.rule = 'blocked' and rules.identifier_type in ('any', '{{ kind }}')
        ) then {{ value }}
    end
{%- endmacro %}

{#- What a record tells of a person, or of a product: null where its word is one that forms, imports and printers write into empty
    fields. Words that are names of people or of countries (Nan, NA) are no such ones here.
    Example: {{ null_if_placeholder('customers.country') }} -#}
{% macro null_if_placeholder(value) -%}
    {#- as a list, because DuckDB makes a join of `in (...)` for each column, which it keeps where nobody asks for the column -#}
    case
        when not {{ list_holds(text_list([
            'null', '(null)', 'none', '(none)', 'n/a', '#n/a', '\\n', '-', '--', '.', '?', 'unknown', 'undefined', '(not set)',
            'not set', '[object object]'
        ]), 'lower(' ~ value ~ ')') }} then {{ value }}
    end
{%- endmacro %}

{#- The identifier that a row names: its kind, then its value; the first of several that is there. kinds: kind -> SQL of its value;
    otherwise: SQL of an identifier that carries its kind already.
    Example: {{ identifier_of({'customer': 'tickets.source_customer_id', 'email': 'tickets.email'}) }} -> customer:c1 -#}
{% macro identifier_of(kinds, otherwise=none) -%}
    {%- set identifiers = [] -%}
    {%- for kind, value in kinds.items() -%}{%- do identifiers.append("'" ~ kind ~ ":' || " ~ value) -%}{%- endfor -%}
    {%- if otherwise -%}{%- do identifiers.append(otherwise) -%}{%- endif -%}
    {{- identifiers | first if identifiers | length == 1 else 'coalesce(' ~ identifiers | join(', ') ~ ')' -}}
{%- endmacro %}

{#- A condition of a join: the row is of the person of an identity. rows: alias of rows with store_id and person_identifier, or with
    what is given as identifier; customer_identities must be called identities.
    Example: inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }} -#}
{% macro same_person(rows, identifier=none) -%}
    {{ rows }}.store_id = identities.store_id and {{ identifier or rows ~ '.person_identifier' }} = identities.identifier
{%- endmacro %}

{#- The person's id that an identifier gives where nothing better is known: a customer's own id, anything else with its
    kind in front. A customer's own id that reads like such a one keeps its kind too, see given_id().
    Example: {{ id_of_identifier('identifier') }} -> c1, email:a@b.example, customer:email:a@b.example -#}
{% macro id_of_identifier(identifier) -%}
    case
        when {{ identifier }} like 'customer:%'
            then {{ given_id('customer', 'substring(' ~ identifier ~ ' from 10)') }}
        else {{ identifier }}
    end
{%- endmacro %}

{#- Whether an identifier is of a person who asked not to be tracked; false where there is none. Reads a CTE `untracked` (store_id,
    identifier) of the model: int_untracked.
    Example: {{ is_untracked('events.store_id', identifier_of({'email': 'events.email'})) }} -#}
{% macro is_untracked(store_id, identifier) -%}
    coalesce(({{ store_id }}, {{ identifier }}) in (select untracked.store_id, untracked.identifier from untracked), false)
{%- endmacro %}

{#- The rows of that CTE: identifiers as the last night knew them, and customers who ask now, between nights. -#}
{% macro untracked_identifiers() -%}
    select
        store_id,
        identifier
    from {{ ref('int_untracked') }}
    union
    select
        store_id,
        {{ identifier_of({'customer': 'source_customer_id'}) }} as identifier
    from {{ ref('stg_customers') }}
    where do_not_track
{%- endmacro %}

{#- Whether an event names somebody who asked not to be tracked: its customer, else its address or the customer whom the shop tells of
    the visit. events: alias of rows with store_id, email and reported_customer_id; customer: their column of the event's own customer.
    Example: {{ names_untracked('events', 'source_customer_id') }} -#}
{% macro names_untracked(events, customer) -%}
    case
        when {{ events }}.{{ customer }} is not null then {{ is_untracked(events ~ '.store_id', identifier_of({'customer': events ~ '.' ~ customer})) }}
        else
            {{ is_untracked(events ~ '.store_id', identifier_of({'email': events ~ '.email'})) }}
            or {{ is_untracked(events ~ '.store_id', identifier_of({'customer': events ~ '.reported_customer_id'})) }}
    end
{%- endmacro %}

{#- The stores and values of a column of visits that are pages or sources of the store's own host, for the body of a CTE. Few of them lead
    to many visits, so hosts are looked for in each once. column: referrer or source.
    Example: {{ visits_from_own_hosts('referrer') }} -#}
{% macro visits_from_own_hosts(column) -%}
    select
        visits.store_id,
        visits.{{ column }}
    from (
        select distinct
            store_id,
            {{ column }}
        from {{ ref('int_event_sessions') }}
    ) as visits
    inner join {{ ref('int_store_hosts') }} as own
        on visits.store_id = own.store_id and {{ url_host('visits.' ~ column) }} = own.host_name
{%- endmacro %}
