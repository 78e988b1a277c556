{{ config(**by_person(versions='int_order_versions')) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_order_versions') | indent(4) }}

),

orders as (

    select * from {{ ref('int_orders') }}
    where is_counted and customer_id is not null and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}

),

items as (

    select
        items.*,
        orders.customer_id,
        orders.ordered_at
    from {{ ref('int_order_items') }} as items
    inner join orders on items.store_id = orders.store_id and items.order_id = orders.order_id

),

bought as (

    select
        store_id,
        customer_id,
        sum(quantity) as pieces,
        count(*) as order_lines
    from items
    group by store_id, customer_id

),

refunds as (

    select
        refunds.*,
        orders.customer_id,
        -- a line without a number of pieces is one
        abs(cast(coalesce(refunds.quantity, case when refunds.line_id is not null then 1 else 0 end) as numeric(19, 0))) as pieces
    from {{ ref('int_refunds') }} as refunds
    inner join orders on refunds.store_id = orders.store_id and refunds.order_id = orders.order_id

),

returned as (

    select
        store_id,
        customer_id,
        sum(pieces) as pieces
    from refunds
    group by store_id, customer_id

),

returned_lines as (

    select
        items.store_id,
        items.customer_id,
        items.order_id,
        items.line_id,
        items.product_id,
        items.category,
        min(refunds.refunded_at) as refunded_at
    from refunds
    inner join items
        on refunds.store_id = items.store_id and refunds.order_id = items.order_id and refunds.line_id = items.line_id
    group by items.store_id, items.customer_id, items.order_id, items.line_id, items.product_id, items.category

),

moments as (

    -- in one line of time, because a reseller's returns joined to a reseller's purchases are a square
    select
        store_id,
        customer_id,
        category,
        product_id,
        cast(null as text) as order_id,
        cast(null as text) as line_id,
        ordered_at as happened_at,
        1 as bought
    from items
    where category is not null and product_id is not null
    union all
    select
        store_id,
        customer_id,
        category,
        product_id,
        order_id,
        line_id,
        refunded_at as happened_at,
        0 as bought
    from returned_lines
    where category is not null and product_id is not null

),

followed as (

    -- what was bought of the category, and of the product itself, in the 30 days after a moment
    select
        *
        {%- for kind in ['category', 'category, product_id'] %}
            {%- set of_kind = 'partition by store_id, customer_id, ' ~ kind ~ ' order by happened_at range between current row and ' %},
            sum(bought) over ({{ of_kind }}interval '30 days' following)
            - sum(bought) over ({{ of_kind }}current row) as {{ 'bought_of_category' if loop.first else 'bought_of_product' }}
        {%- endfor %}
    from moments

),

switched as (

    -- lines sent back, and another product of the category bought within 30 days
    select
        store_id,
        customer_id,
        count(distinct {{ composed_key(['order_id', 'line_id']) }}) as order_lines
    from followed
    where bought = 0 and bought_of_category > bought_of_product
    group by store_id, customer_id

)

select
    bought.store_id,
    bought.customer_id,
    case
        when bought.pieces > 0 then {{ round_to('least(' ~ ratio('coalesce(returned.pieces, 0)', 'bought.pieces') ~ ', 1)', 6) }}
    end as items_returned_pct,
    {{ round_to(ratio('coalesce(switched.order_lines, 0)', 'bought.order_lines'), 6) }} as product_switching,
    coalesce(changed.person_version, '') as person_version
from bought
left join changed on bought.store_id = changed.store_id and bought.customer_id = changed.customer_id
left join returned on bought.store_id = returned.store_id and bought.customer_id = returned.customer_id
left join switched on bought.store_id = switched.store_id and bought.customer_id = switched.customer_id
