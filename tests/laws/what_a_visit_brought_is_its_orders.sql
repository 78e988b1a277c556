-- If this fails, a visit claims money that is not its orders', bought something and says that it was worth nothing, or an order is
-- in two visits.
with linked as (

    select
        store_id,
        session_key,
        sum(case when is_counted then 1 else 0 end) as orders,
        sum(case when is_counted then gross_revenue end) as revenue
    from {{ ref('int_order_sessions') }}
    group by store_id, session_key

)

select
    sessions.orders,
    sessions.revenue,
    linked.orders as linked_orders,
    linked.revenue as linked_revenue,
    coalesce(sessions.store_id, linked.store_id) as store_id,
    coalesce(sessions.session_key, linked.session_key) as session_key
from {{ ref('sessions') }} as sessions
full outer join linked on sessions.store_id = linked.store_id and sessions.session_key = linked.session_key
where
    sessions.session_key is null
    or (linked.orders > 0 and sessions.orders is distinct from linked.orders)
    or (linked.orders > 0 and sessions.revenue is distinct from {{ fit_money('linked.revenue') }})
    or (sessions.has_purchase and coalesce(linked.orders, 0) = 0 and sessions.uncounted_orders = 0 and sessions.orders = 0)
    or (sessions.has_purchase and coalesce(linked.orders, 0) = 0 and sessions.uncounted_orders = 0 and sessions.revenue = 0)
    or (not sessions.has_purchase and (sessions.orders > 0 or sessions.revenue <> 0))
