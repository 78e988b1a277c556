-- If this fails, int_orders lost, doubled or revalued an order that staging accepted.
with landed as (

    select
        store_id,
        count(*) as orders,
        sum({{ converted('total_price', 'exchange_rate') }}) as gross_revenue
    from {{ ref('stg_orders') }}
    group by store_id

),

kept as (

    select
        store_id,
        count(*) as orders,
        sum(gross_revenue) as gross_revenue
    from {{ ref('int_orders') }}
    where is_landed
    group by store_id

)

select
    landed.store_id,
    landed.orders,
    kept.orders as kept_orders,
    landed.gross_revenue,
    kept.gross_revenue as kept_revenue
from landed
left join kept on landed.store_id = kept.store_id
where kept.orders is null or landed.orders <> kept.orders or landed.gross_revenue <> kept.gross_revenue
