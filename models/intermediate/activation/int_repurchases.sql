{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

purchased as (

    select
        purchased.store_id,
        purchased.customer_id,
        purchased.product_id,
        purchased.purchase_days,
        purchased.last_purchased_on,
        demand.repeat_rate,
        -- what others do counts as two pauses of one's own
        {{ round_to(ratio(
            '2 * demand.cycle_days + ' ~ days_between('purchased.first_purchased_on', 'purchased.last_purchased_on'), 'purchased.purchase_days + 1'
        ), 6) }} as cycle_days,
        {{ days_between('purchased.last_purchased_on', 'stores.today') }} as days_since
    from {{ ref('int_purchased_products') }} as purchased
    inner join stores on purchased.store_id = stores.store_id
    inner join {{ ref('int_product_demand') }} as demand
        on purchased.store_id = demand.store_id and purchased.product_id = demand.product_id
    where
        demand.is_offered
        and demand.cycle_days is not null
        and (purchased.purchase_days > 1 or (demand.repeat_rate >= 0.1 and demand.repeats >= 3))

),

scored as (

    select
        *,
        -- what was bought once counts as much as others come back for it; most is due half a cycle after the last time
        {{ round_to(
            '(purchase_days - 1 + repeat_rate) * sqrt(least('
            ~ ratio('days_since', 'greatest(cycle_days, 1)') ~ ', 50)) * exp(-least('
            ~ ratio('days_since', 'greatest(cycle_days, 1)') ~ ', 50))',
            6
        ) }} as score
    from purchased

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, customer_id
            order by score desc, last_purchased_on desc, {{ byte_order('product_id') }}
        ) as repurchase_rank
    from scored
    where score > 0

)

select
    store_id,
    customer_id,
    repurchase_rank,
    product_id,
    score,
    purchase_days,
    cast(days_since as bigint) as days_since,
    cycle_days
from ranked
where repurchase_rank <= {{ var('recommendations_per_customer') }}
