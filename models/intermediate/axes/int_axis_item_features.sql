with items as (

    select * from {{ ref('int_axis_items') }}

),

sums as (

    select
        store_id,
        customer_id,
        count(distinct order_sequence) as orders,
        sum(order_lines) as order_lines,
        sum(pieces) as pieces,
        sum(list_total) as list_total,
        sum(spend) as spend,
        sum(full_price_lines) as full_price_lines,
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

assortment as (

    select
        store_id,
        category,
        count(distinct product_id) as products,
        count(*) over (partition by store_id) as store_categories
    from items
    where category is not null
    group by store_id, category

),

ranked as (

    select
        *,
        row_number() over (partition by store_id, customer_id order by items desc, {{ byte_order('category') }}) as category_rank
    from categories

),

main_categories as (

    -- what a person buys most, and how much of it the person knows
    select
        ranked.store_id,
        ranked.customer_id,
        assortment.store_categories,
        {{ ratio('ranked.products', 'assortment.products') }} as mastery
    from ranked
    inner join assortment on ranked.store_id = assortment.store_id and ranked.category = assortment.category
    where ranked.category_rank = 1

)

select
    sums.store_id,
    sums.customer_id,
    cast(explored.unique_categories as double precision) as unique_categories,
    case
        when sums.orders >= 2 and main_categories.store_categories >= 2 then {{ round_to(
            'explored.category_entropy / ln(cast(main_categories.store_categories as double precision))', 6
        ) }}
    end as category_diversity,
    -- unknown in a shop that does not tell of discounts
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.full_price_lines', 'sums.order_lines'), 6) }}
    end as full_price_ratio,
    case when sums.orders >= 2 then {{ round_to('main_categories.mastery', 6) }} end as mastery,
    {{ round_to(ratio('sums.list_total', 'sums.pieces'), 6) }} as avg_item_price,
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.bargain_spend', 'sums.spend'), 6) }}
    end as discount_hunt_score
from sums
inner join {{ ref('int_purchase_features') }} as purchases
    on sums.store_id = purchases.store_id and sums.customer_id = purchases.customer_id
left join explored on sums.store_id = explored.store_id and sums.customer_id = explored.customer_id
left join main_categories on sums.store_id = main_categories.store_id and sums.customer_id = main_categories.customer_id
