{%- set no_amount -%}
    when exchange_rate is null then 'no_rate:currency'
    when {{ too_large('total_price', 'exchange_rate') }} then 'too_large:total_price'
{%- endset -%}

{%- set said = [
    'store_id', 'order_id', 'customer_id', 'email', 'ordered_at', 'total_price', 'discount_amount', 'currency', 'source',
    'financial_status', 'cancelled_at', 'is_test', 'session_id', 'updated_at'
] %}

with local_orders as (

    -- amounts in the store's own currency need no rate, nor do amounts that name none
    select
        orders.{{ (said + ['loaded_at', 'arrived_at', 'broken_columns', 'raw_row']) | join(',\n        orders.') }},
        stores.currency as store_currency,
        case
            when orders.currency <> stores.currency then {{ local_time('orders.ordered_at', 'stores.timezone') }}
        end as foreign_at_local
    from {{ source('input', 'orders') }} as orders
    left join {{ ref('stg_stores') }} as stores on orders.store_id = stores.store_id

),

priced as (

    -- the rate of an order is the last one on or before its day, which is the store's own
    select
        orders.*,
        case when orders.currency <> orders.store_currency then rates.rate else cast(1 as numeric(24, 10)) end as exchange_rate
    from local_orders as orders
    left join {{ ref('stg_exchange_rates') }} as rates
        on
            orders.store_id = rates.store_id
            and orders.currency = rates.currency
            and orders.foreign_at_local >= rates.valid_from
            and orders.foreign_at_local < rates.valid_until

),

validated as materialized (

    select
        *,
        {{ order_rejection(also=no_amount) }} as rejection,
        {{ is_not_yet('ordered_at') }} as is_not_yet
    from priced

),

{{ versions(
    'validated', ['store_id', 'order_id'], said,
    ['ordered_at', 'cancelled_at', 'updated_at'], condition='rejection is null and not is_not_yet'
) }}

select
    store_id,
    order_id,
    customer_id,
    email,
    ordered_at,
    total_price,
    discount_amount,
    currency,
    exchange_rate,
    source,
    financial_status,
    cancelled_at,
    is_test,
    session_id,
    updated_at,
    loaded_at,
    arrived_at,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('ordered_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
