{{ config(post_hook=["{{ ensure_index(['store_id', 'order_id']) }}", "{{ ensure_index(['store_id', 'customer_id']) }}"]) }}

with given as (

    select
        store_id,
        order_id,
        source_customer_id,
        email,
        {{ identifier_of({'customer': 'source_customer_id', 'email': 'email'}) }} as person_identifier,
        ordered_at,
        {{ converted('total_price', 'exchange_rate') }} as gross_revenue,
        {{ converted('discount_amount', 'exchange_rate') }} as discount_amount,
        source,
        financial_status,
        cancelled_at,
        is_test,
        is_counted,
        session_id,
        true as is_landed
    from {{ ref('stg_orders') }}

),

orders as (

    select * from given
    union all
    select
        store_id,
        order_id,
        source_customer_id,
        cast(null as text) as email,
        person_identifier,
        ordered_at,
        gross_revenue,
        cast(0 as numeric(18, 2)) as discount_amount,
        'web' as source,
        cast(null as text) as financial_status,
        cast(null as timestamp) as cancelled_at,
        false as is_test,
        true as is_counted,
        session_id,
        false as is_landed
    from {{ ref('int_event_orders') }}

),

items as (

    select
        store_id,
        order_id,
        {{ fit_bigint('sum(quantity)') }} as items_count,
        count(*) as line_count,
        {{ fit_money('sum(discount_amount)') }} as line_discounts,
        sum({{ content_hash([
            'line_key', 'line_id', 'product_id', 'category', 'product_type', 'quantity', 'price', 'discount_amount', 'line_total'
        ]) }}) as lines_hash
    from {{ ref('int_order_items') }}
    group by store_id, order_id

),

valued as (

    select
        orders.*,
        stores.timezone,
        identities.customer_id,
        -- a discount may be written on the order, on its lines, or on both
        greatest(orders.discount_amount, coalesce(items.line_discounts, 0)) as total_discount,
        coalesce(items.line_count, 0) as line_count,
        coalesce(items.items_count, 0) as items_count,
        items.lines_hash,
        {{ local_time('orders.ordered_at', 'stores.timezone') }} as ordered_at_local
    from orders
    inner join {{ ref('stg_stores') }} as stores on orders.store_id = stores.store_id
    left join items on orders.store_id = items.store_id and orders.order_id = items.order_id
    left join {{ ref('customer_identities') }} as identities on {{ same_person('orders') }}

)

select
    store_id,
    order_id,
    customer_id,
    source_customer_id,
    person_identifier,
    ordered_at,
    cast(ordered_at_local as date) as order_date,
    cast(extract(hour from ordered_at_local) as integer) as order_hour,
    {{ weekday('ordered_at_local') }} as order_weekday,
    source,
    financial_status,
    session_id,
    cancelled_at,
    is_test,
    is_landed,
    is_counted,
    line_count,
    items_count,
    lines_hash,
    cast(gross_revenue as numeric(18, 2)) as gross_revenue,
    cast(total_discount as numeric(18, 2)) as discount_amount,
    {{ round_to(ratio('total_discount', 'cast(gross_revenue as numeric(19, 2)) + total_discount'), 6) }} as discount_share,
    case
        when is_counted and customer_id is not null then row_number() over (
            partition by store_id, customer_id, is_counted
            order by ordered_at, {{ byte_order('order_id') }}
        )
    end as order_sequence,
    case
        when is_counted and customer_id is not null then {{ elapsed_seconds(
            'lag(ordered_at) over (partition by store_id, customer_id, is_counted order by ordered_at, ' ~ byte_order('order_id') ~ ')',
            'ordered_at'
        ) }} / 86400
    end as days_since_previous_order
from valued
