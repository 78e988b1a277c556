-- If this fails, the rows of a model of attribution hold more or less than what the campaigns of a store's day cost.
with landed as (

    select
        spending.store_id,
        spending.activity_date,
        sum(spending.cost) as cost
    from {{ ref('int_campaign_costs') }} as spending
    inner join {{ ref('int_daily_stores') }} as days
        on spending.store_id = days.store_id and spending.activity_date = days.activity_date
    group by spending.store_id, spending.activity_date

),

counted as (

    select
        store_id,
        activity_date,
        attribution_model,
        sum(cost) as cost
    from {{ ref('campaign_performance') }}
    where is_store or cost is not null
    group by store_id, activity_date, attribution_model

)

select
    landed.*,
    models.attribution_model,
    counted.cost as counted_cost
from landed
cross join {{ ref('attribution_models') }} as models
left join counted
    on
        landed.store_id = counted.store_id
        and landed.activity_date = counted.activity_date
        and models.attribution_model = counted.attribution_model
where landed.cost is distinct from counted.cost
