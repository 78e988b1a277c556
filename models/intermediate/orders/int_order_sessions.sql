{{ config(post_hook="{{ ensure_index(['store_id', 'session_key']) }}") }}

with candidates as (

    -- one given id may name several sessions, on two devices or two days: the order belongs to the one that had begun
    -- last when it was placed, of its own person if there is one, and to none of another person
    select
        orders.store_id,
        orders.order_id,
        sessions.session_key,
        orders.gross_revenue,
        row_number() over (
            partition by orders.store_id, orders.order_id
            order by
                case when visitors.customer_id = orders.customer_id then 0 else 1 end asc,
                case when sessions.started_at <= orders.ordered_at then 0 else 1 end asc,
                sessions.started_at desc,
                sessions.session_key asc
        ) as place
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_sessions') }} as sessions
        on orders.store_id = sessions.store_id and orders.session_id = sessions.session_id
    left join {{ ref('customer_identities') }} as visitors
        on sessions.store_id = visitors.store_id and sessions.person_identifier = visitors.identifier
    where
        orders.is_counted
        -- a device that is nobody's may be anybody's
        and (visitors.customer_id like 'anon:%' or coalesce(visitors.customer_id = orders.customer_id, true))

)

select
    store_id,
    order_id,
    session_key,
    gross_revenue
from candidates
where place = 1
