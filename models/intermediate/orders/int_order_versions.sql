{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

-- what shapes everybody of a store: a shop of which no order has a discount does not tell of them
with stores as (

    select
        store_id,
        {{ content_hash(['max(discount_amount) > 0']) }} as version
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null
    group by store_id

),

parts as (

    select
        store_id,
        coalesce(customer_id, '') as customer_id,
        {{ content_hash([
            'order_id', 'ordered_at', 'order_date', 'order_hour', 'order_weekday', 'source', 'gross_revenue', 'discount_amount',
            'order_sequence', 'lines_hash'
        ]) }} as version
    from {{ ref('int_orders') }}
    where is_counted
    union all
    select
        refunds.store_id,
        coalesce(orders.customer_id, identities.customer_id, '') as customer_id,
        {{ content_hash([
            'refunds.refund_key', 'refunds.order_id', 'refunds.line_id', 'refunds.refunded_at', 'refunds.quantity', 'refunds.amount'
        ]) }} as version
    from {{ ref('int_refunds') }} as refunds
    left join {{ ref('int_orders') }} as orders on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id
    left join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}

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
    own.store_id,
    own.customer_id,
    cast(own.version + coalesce(stores.version, 0) as text) as person_version
from own
left join stores on own.store_id = stores.store_id
