{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

{#- What is known by an identifier. Visits that events tell of are made anew with the days of their device, but for what the shop's own
    sessions say of them; one that lasts until after as_of is longer tomorrow. #}
{%- set told = ['session_key', 'ended_at', 'source', 'medium', 'campaign', 'referrer_type', 'device_type', 'browser'] %}
{%- set known = [
    ('int_visitor_days', ['visitor_key', 'activity_date', 'batch_id'], 'true'),
    ('int_event_sessions', ['session_key', as_of()], 'ended_at >= ' ~ as_of()),
    ('int_sessions', ['started_at'] + told, 'not has_events'),
    ('int_refunds', ['refund_key', 'order_id', 'refunded_at', 'refund_date', 'amount', 'has_order'], 'is_counted')
] %}

-- what shapes everybody of a store
with stores as (

    select
        stores.store_id,
        {{ content_hash(['stores.timezone']) }} + sum({{ content_hash(['own_hosts.host_name']) }}) as version
    from {{ ref('stg_stores') }} as stores
    left join {{ ref('int_store_hosts') }} as own_hosts on stores.store_id = own_hosts.store_id
    group by stores.store_id, stores.timezone

),

links as (

    select
        placed.store_id,
        coalesce(orders.customer_id, '') as customer_id,
        coalesce(placed.visitor_customer_id, '') as visitor_customer_id,
        {{ content_hash(['placed.order_id', 'placed.session_key', 'placed.is_counted', 'placed.visitor_customer_id']) }} as version
    from {{ ref('int_order_sessions') }} as placed
    inner join {{ ref('int_orders') }} as orders on placed.store_id = orders.store_id and placed.order_id = orders.order_id

),

of_identifiers as (

    {%- for relation, columns, condition in known %}
        select
            store_id,
            person_identifier,
            sum({{ content_hash(columns) }}) as version
        from {{ ref(relation) }}
        where {{ condition }}
        group by store_id, person_identifier
        union all
    {%- endfor %}
    select
        events.store_id,
        events.person_identifier,
        {{ content_hash(['reported.match_rank', 'reported.source_customer_id', 'reported.' ~ told | join(',reported.')]) }} as version
    from {{ ref('int_reported_sessions') }} as reported
    inner join {{ ref('int_event_sessions') }} as events
        on reported.store_id = events.store_id and reported.session_key = events.session_key

),

parts as (

    select
        store_id,
        customer_id,
        {{ content_hash(['identifier']) }} as version
    from {{ ref('customer_identities') }}
    union all
    select
        of_identifiers.store_id,
        coalesce(identities.customer_id, '') as customer_id,
        of_identifiers.version
    from of_identifiers
    left join {{ ref('customer_identities') }} as identities on {{ same_person('of_identifiers') }}
    union all
    select
        store_id,
        customer_id,
        {{ content_hash(['person_version']) }} as version
    from {{ ref('int_order_versions') }}
    union all
    select
        attributions.store_id,
        coalesce(orders.customer_id, '') as customer_id,
        {{ content_hash([
            'attributions.order_id', 'attributions.attribution_type', 'attributions.created_at', 'attributions.attribution_value'
        ]) }} as version
    from {{ ref('stg_purchase_attributions') }} as attributions
    inner join {{ ref('int_orders') }} as orders
        on attributions.store_id = orders.store_id and attributions.order_id = orders.order_id
    union all
    select
        store_id,
        customer_id,
        version
    from links
    union all
    select
        store_id,
        visitor_customer_id as customer_id,
        version
    from links
    where visitor_customer_id <> customer_id

),

own as (

    select
        store_id,
        customer_id,
        sum(version) as version
    from parts
    group by store_id, customer_id

),

-- who ordered in the visit of somebody else, on a device that is nobody's, has what that visit was
of_visitors as (

    select
        pairs.store_id,
        pairs.customer_id,
        sum(own.version) as version
    from (
        select distinct
            store_id,
            customer_id,
            visitor_customer_id
        from links
        where visitor_customer_id <> customer_id
    ) as pairs
    inner join own on pairs.store_id = own.store_id and pairs.visitor_customer_id = own.customer_id
    group by pairs.store_id, pairs.customer_id

)

select
    own.store_id,
    own.customer_id,
    cast(own.version + stores.version + coalesce(of_visitors.version, 0) as text) as person_version
from own
inner join stores on own.store_id = stores.store_id
left join of_visitors on own.store_id = of_visitors.store_id and own.customer_id = of_visitors.customer_id
