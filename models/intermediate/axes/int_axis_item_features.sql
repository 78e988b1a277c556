with assortment as (

    select
        store_id,
        category,
        count(distinct product_id) as products,
        count(*) over (partition by store_id) as store_categories
    from {{ ref('int_axis_items') }}
    where category is not null
    group by store_id, category

)

select
    sums.store_id,
    sums.customer_id,
    cast(sums.unique_categories as double precision) as unique_categories,
    case
        when sums.orders >= 2 and assortment.store_categories >= 2 then {{ round_to(
            'sums.category_entropy / ln(cast(assortment.store_categories as double precision))', 6
        ) }}
    end as category_diversity,
    -- unknown in a shop that does not tell of discounts
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.full_price_lines', 'sums.order_lines'), 6) }}
    end as full_price_ratio,
    -- how much a person knows of what they buy most
    case when sums.orders >= 2 then {{ round_to(ratio('sums.main_category_products', 'assortment.products'), 6) }} end as mastery,
    {{ round_to(ratio('sums.list_total', 'sums.pieces'), 6) }} as avg_item_price,
    case
        when purchases.discounted_orders is not null then {{ round_to(ratio('sums.bargain_spend', 'sums.spend'), 6) }}
    end as discount_hunt_score
from {{ ref('int_axis_item_sums') }} as sums
inner join {{ ref('int_purchase_features') }} as purchases
    on sums.store_id = purchases.store_id and sums.customer_id = purchases.customer_id
left join assortment on sums.store_id = assortment.store_id and sums.main_category = assortment.category
