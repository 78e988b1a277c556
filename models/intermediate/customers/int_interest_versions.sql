{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

{%- set product = content_hash(['products.category', 'products.vertical', 'products.product_type', 'products.price']) %}
{%- set giveaway = 'case when giveaways.product_id is null then 0 else ' ~ content_hash(['giveaways.product_id']) ~ ' end' %}

with events as (

    select
        events.store_id,
        events.person_identifier,
        sum(coalesce({{ product }}, 0) + {{ giveaway }}) as version
    from {{ ref('int_events_enriched') }} as events
    left join {{ ref('stg_products') }} as products on events.store_id = products.store_id and events.product_id = products.product_id
    left join {{ ref('int_giveaways') }} as giveaways
        on events.store_id = giveaways.store_id and events.product_id = giveaways.product_id
    where events.fate = 'accepted' and events.is_own_act and events.interaction_type is not null and events.product_id is not null
    group by events.store_id, events.person_identifier

),

parts as (

    select
        events.store_id,
        identities.customer_id,
        events.version
    from events
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    union all
    select
        orders.store_id,
        orders.customer_id,
        coalesce({{ product }}, 0) + {{ giveaway }} as version
    from {{ ref('int_order_items') }} as items
    inner join {{ ref('int_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    left join {{ ref('stg_products') }} as products on items.store_id = products.store_id and items.product_id = products.product_id
    left join {{ ref('int_giveaways') }} as giveaways on items.store_id = giveaways.store_id and items.product_id = giveaways.product_id
    where orders.is_counted and items.product_id is not null
    union all
    select
        store_id,
        customer_id,
        {{ content_hash(['do_not_track']) }} as version
    from {{ ref('int_customers') }}
    where do_not_track

),

own as (

    select
        store_id,
        customer_id,
        sum(version) as version
    from parts
    group by store_id, customer_id

)

select
    versions.store_id,
    versions.customer_id,
    versions.person_version || ':' || cast(coalesce(own.version, 0) as text) as person_version
from {{ ref('int_person_versions') }} as versions
left join own on versions.store_id = own.store_id and versions.customer_id = own.customer_id
