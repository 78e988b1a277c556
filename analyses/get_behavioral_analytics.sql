-- getBehavioralAnalytics: what a store's customers did on each of the last days (var days)
with first_days as (

    select
        store_id,
        customer_id,
        min(case when first_activity_at is not null then activity_date end) as first_seen_on
    from {{ ref('int_customer_days') }}
    where store_id = {{ sql_text(var('store_id', 'store_1')) }}
    group by store_id, customer_id

)

select
    days.activity_date,
    count(days.first_activity_at) as active_customers,
    count(case when first_days.first_seen_on = days.activity_date then 1 end) as new_customers,
    sum(days.page_view) as total_page_views,
    sum(days.product_view) as total_product_views,
    sum(days.add_to_cart) as total_add_to_cart,
    sum(days.orders) as total_purchases,
    {{ round_to(ratio('sum(days.orders)', 'sum(days.sessions)'), 6) }} as conversion_rate,
    {{ money(ratio('sum(days.gross_revenue)', 'sum(days.orders - days.unvalued_orders)')) }} as avg_order_value,
    sum(days.gross_revenue) as revenue
from {{ ref('int_customer_days') }} as days
inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
inner join first_days on days.store_id = first_days.store_id and days.customer_id = first_days.customer_id
where
    days.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and days.activity_date > {{ as_of_date('stores.timezone') }} - {{ var('days', 30) }}
group by days.activity_date
order by days.activity_date desc
