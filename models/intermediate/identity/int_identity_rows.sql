{#- Tables of rows that name a person: their columns of identifiers, and when such a row says so. -#}
{%- set sources = [
    ('identities', ref('stg_identities'), ['customer', 'email', 'phone', 'anon'], 'identified_at'),
    ('customers', ref('stg_customers'), ['customer', 'email', 'phone'], 'created_at'),
    ('orders', ref('stg_orders'), ['customer', 'email'], 'ordered_at'),
    ('refunds', ref('stg_refunds'), ['customer'], 'refunded_at'),
    ('support_tickets', ref('stg_support_tickets'), ['customer', 'email'], 'opened_at'),
    ('sessions', ref('stg_sessions'), ['customer', 'anon'], 'started_at')
] -%}
{%- set columns = {'customer': 'source_customer_id', 'email': 'email', 'phone': 'phone', 'anon': 'anonymous_id'} -%}

with named as (

    {%- for source, relation, kinds, time in sources %}
        select
            store_id,
            '{{ source }}' as source,
            {%- for kind, column in columns.items() %}
                {% if kind in kinds %}{{ known_id(kind, column) }}{% else %}cast(null as text){% endif %} as {{ column }},
            {%- endfor %}
            cast(null as text) as external_id,
            {{ time }} as first_at
        from {{ relation }}
        union all
    {%- endfor %}
    select
        store_id,
        'customers' as source,
        {{ known_id('customer', 'source_customer_id') }} as source_customer_id,
        cast(null as text) as email,
        cast(null as text) as phone,
        cast(null as text) as anonymous_id,
        {{ composed_key(['id_name', 'id_value']) }} as external_id,
        created_at as first_at
    from {{ ref('int_external_ids') }}
    union all
    -- an event without a customer is one of the customer whom the shop tells of the visit
    select
        links.store_id,
        'events' as source,
        coalesce(links.source_customer_id, own.source_customer_id, any_device.source_customer_id) as source_customer_id,
        links.email,
        cast(null as text) as phone,
        case when links.device_id like 'anon:%' then substring(links.device_id from 6) end as anonymous_id,
        cast(null as text) as external_id,
        links.first_at
    from {{ ref('int_event_links') }} as links
    left join {{ ref('int_reported_customers') }} as own
        on links.store_id = own.store_id and links.session_id = own.session_id and links.device_id = own.device_id
    left join {{ ref('int_reported_customers') }} as any_device
        on links.store_id = any_device.store_id and links.session_id = any_device.session_id and any_device.device_id is null
    inner join {{ ref('stg_stores') }} as stores on links.store_id = stores.store_id
    where links.first_at is not null

)

select
    store_id,
    source,
    first_at,
    {{ identifier_of({'customer': 'source_customer_id'}) }} as customer_identifier,
    {{ identifier_of({'email': 'email'}) }} as email_identifier,
    {{ identifier_of({'phone': 'phone'}) }} as phone_identifier,
    {{ identifier_of({'anon': 'anonymous_id'}) }} as anon_identifier,
    {{ identifier_of({'external': 'external_id'}) }} as external_identifier
from named
