{%- set said = [
    'store_id', 'order_id', 'line_id', 'product_id', 'variant_id', 'product_name', 'category', 'product_type', 'quantity',
    'price', 'discount_amount', 'refund_amount', 'refunded_quantity', 'refunded_at', 'updated_at'
] %}

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
        items.{{ (
            said | reject('in', ['quantity', 'price', 'refunded_quantity']) | list + ['loaded_at', 'arrived_at', 'broken_columns', 'raw_row']
        ) | join(',\n        items.') }},
        {{ pieces('items.quantity') }} as quantity,
        {{ pieces('items.refunded_quantity') }} as refunded_quantity,
        {{ price_of_piece('items.price', 'items.quantity') }} as price,
        orders_there.order_id is not null as order_was_there
    from {{ source('input', 'order_items') }} as items
    left join orders_there on items.store_id = orders_there.store_id and items.order_id = orders_there.order_id

),

validated as materialized (

    select
        *,
        coalesce(
            {{ given_id('line', 'line_id') }},
            'product:' || {{ composed_key(['product_id', 'variant_id', 'cast(price as text)']) }}
        ) as line_key,
        {{ order_item_rejection() }} as rejection
    from items

),

{{ versions('validated', ['store_id', 'order_id', 'line_key'], said, ['refunded_at', 'updated_at']) }}

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
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(was_there='order_was_there') }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
