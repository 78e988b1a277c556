{{ config(post_hook="{{ ensure_index(['store_id', 'order_id']) }}") }}

select
    store_id,
    order_id,
    cast({{ fit_money('sum(amount)') }} as numeric(18, 2)) as refunded_amount
from {{ ref('int_refunds') }}
where has_order
group by store_id, order_id
