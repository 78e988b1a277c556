{{ config(**by_person(models=['int_axis_items'], versions='int_order_versions')) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_order_versions') | indent(4) }}

),

items as (

    select * from {{ ref('int_axis_items') }}
    where {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}

),

sums as (

    select
        store_id,
        customer_id,
        count(distinct order_sequence) as orders,
        {{ fit_bigint('sum(order_lines)') }} as order_lines,
        {{ fit_bigint('sum(pieces)') }} as pieces,
        sum(list_total) as list_total,
        sum(spend) as spend,
        {{ fit_bigint('sum(full_price_lines)') }} as full_price_lines,
        sum(bargain_spend) as bargain_spend
    from items
    group by store_id, customer_id

),

categories as (

    select
        store_id,
        customer_id,
        category,
        count(*) as items,
        count(distinct product_id) as products
    from items
    where category is not null
    group by store_id, customer_id, category

),

explored as (

    select
        store_id,
        customer_id,
        count(*) as unique_categories,
        {{ entropy('items') }} as category_entropy
    from categories
    group by store_id, customer_id

),

ranked as (

    select
        *,
        row_number() over (partition by store_id, customer_id order by items desc, {{ byte_order('category') }}) as category_rank
    from categories

)

select
    sums.store_id,
    sums.customer_id,
    sums.orders,
    sums.order_lines,
    sums.pieces,
    sums.list_total,
    sums.spend,
    sums.full_price_lines,
    sums.bargain_spend,
    explored.unique_categories,
    explored.category_entropy,
    ranked.category as main_category,
    ranked.products as main_category_products,
    coalesce(changed.person_version, '') as person_version
from sums
left join changed on sums.store_id = changed.store_id and sums.customer_id = changed.customer_id
left join explored on sums.store_id = explored.store_id and sums.customer_id = explored.customer_id
left join ranked on sums.store_id = ranked.store_id and sums.customer_id = ranked.customer_id and ranked.category_rank = 1
