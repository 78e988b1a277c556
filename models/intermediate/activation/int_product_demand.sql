with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

sold as (

    select
        purchased.store_id,
        purchased.product_id,
        count(*) as buyers,
        sum(case when purchased.first_purchased_on > stores.today - 30 then 1 else 0 end) as recent_buyers,
        sum(case when purchased.purchase_days > 1 then 1 else 0 end) as repeat_buyers,
        max(purchased.last_purchased_on) as last_purchased_on,
        min(stores.today) as today,
        sum(purchased.purchase_days - 1) as repeats,
        sum({{ days_between('purchased.first_purchased_on', 'purchased.last_purchased_on') }}) as repeat_days
    from {{ ref('int_purchased_products') }} as purchased
    inner join stores on purchased.store_id = stores.store_id
    group by purchased.store_id, purchased.product_id

),

usual as (

    select
        store_id,
        not {{ has_closed('max(last_purchased_on)', 'min(today)') }} as is_open,
        {{ ratio('sum(repeat_buyers)', 'sum(buyers)') }} as repeat_rate,
        {{ ratio('sum(repeat_days)', 'sum(repeats)') }} as cycle_days
    from sold
    group by store_id

),

names as (

    select
        store_id,
        product_id,
        min({{ byte_order('product_name') }}) as product_name
    from {{ ref('int_order_items') }}
    where product_id is not null and product_name is not null
    group by store_id, product_id

)

select
    sold.store_id,
    sold.product_id,
    coalesce(products.title, names.product_name, sold.product_id) as product_name,
    coalesce(products.is_available, true) and usual.is_open as is_offered,
    cast(sold.buyers as bigint) as buyers,
    cast(sold.recent_buyers as bigint) as recent_buyers,
    cast(sold.repeats as bigint) as repeats,
    -- of few buyers little is known: ten buyers, and twenty pauses, as usual in the store are added
    {{ round_to(ratio('sold.repeat_buyers + 10 * usual.repeat_rate', 'sold.buyers + 10'), 6) }} as repeat_rate,
    {{ round_to(ratio('sold.repeat_days + 20 * usual.cycle_days', 'sold.repeats + 20'), 6) }} as cycle_days,
    row_number() over (
        partition by sold.store_id
        order by
            case when products.is_available = false then 1 else 0 end,
            sold.recent_buyers desc,
            sold.buyers desc,
            {{ byte_order('sold.product_id') }}
    ) as popularity_rank
from sold
inner join usual on sold.store_id = usual.store_id
left join names on sold.store_id = names.store_id and sold.product_id = names.product_id
left join {{ ref('stg_products') }} as products on sold.store_id = products.store_id and sold.product_id = products.product_id
