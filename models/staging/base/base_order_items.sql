{%- set no_amount -%}
    when {{ too_large('price', 'quantity') }} then 'too_large:price'
{%- endset -%}

-- a line is there as long as its order
with orders_there as (

    select distinct
        store_id,
        order_id
    from {{ ref('base_orders') }}
    where fate = 'accepted' and {{ was_there('ordered_at') }}

),

items as (

    select
        items.*,
        orders_there.order_id is not null as order_was_there
    from {{ source('input', 'order_items') }} as items
    left join orders_there on items.store_id = orders_there.store_id and items.order_id = orders_there.order_id

),

validated as (

    select
        *,
        coalesce(
            {{ given_id('line', 'line_id') }},
            'product:' || {{ composed_key(['product_id', 'variant_id', 'cast(price as text)']) }}
        ) as line_key,
        {{ rejection(['order_id', 'quantity', 'price'], not_negative=['quantity'], also=no_amount) }} as rejection
    from items

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, order_id, line_key, rejection is null
            order by {{ is_late() }}, {{ past('updated_at') }} desc nulls last, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    order_id,
    line_id,
    line_key,
    product_id,
    variant_id,
    product_name,
    category,
    product_type,
    quantity,
    price,
    discount_amount,
    refund_amount,
    refunded_quantity,
    refunded_at,
    updated_at,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(was_there='order_was_there') }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
