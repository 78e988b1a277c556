{%- set of_no_order -%}
    when order_fate = 'rejected' then 'refused_order:order_id'
{%- endset -%}

{%- set said = [
    'store_id', 'refund_id', 'refunded_at', 'amount', 'order_id', 'line_id', 'customer_id', 'quantity'
] %}

with order_fates as (

    -- what became of an order, by the best of its rows
    select
        store_id,
        order_id,
        case
            when max(case when fate in ('accepted', 'duplicate') then 1 else 0 end) = 1 then 'accepted'
            when max(case when fate = 'not_yet' then 1 else 0 end) = 1 then 'not_yet'
            else 'rejected'
        end as order_fate
    from {{ ref('base_orders') }}
    group by store_id, order_id

),

refunds as (

    select
        refunds.{{ (
            said | reject('equalto', 'quantity') | list + ['loaded_at', 'arrived_at', 'broken_columns', 'raw_row']
        ) | join(',\n        refunds.') }},
        order_fates.order_fate,
        {{ pieces('refunds.quantity') }} as quantity
    from {{ source('input', 'refunds') }} as refunds
    left join order_fates on refunds.store_id = order_fates.store_id and refunds.order_id = order_fates.order_id

),

validated as materialized (

    -- what was paid back for an order that does not count, or not yet, is not taken from what other orders brought
    select
        *,
        {{ rejection(
            ['refund_id', 'refunded_at', 'amount'], times=['refunded_at'], not_negative=['amount'], also=of_no_order
        ) }} as rejection,
        {{ is_not_yet('refunded_at') }} or coalesce(order_fate = 'not_yet', false) as is_not_yet
    from refunds

),

{{ versions(
    'validated', ['store_id', 'refund_id'], said,
    ['refunded_at'], dated=false, condition='rejection is null and not is_not_yet'
) }}

select
    store_id,
    refund_id,
    refunded_at,
    amount,
    order_id,
    line_id,
    customer_id,
    quantity,
    loaded_at,
    arrived_at,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('refunded_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
