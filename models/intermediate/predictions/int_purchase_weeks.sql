with starts as (

    select
        days.store_id,
        min(days.purchase_date) as first_date,
        -- as_of's own day has only begun: a week is whole when its last day is before
        cast(floor({{ days_between('min(days.purchase_date)', 'min(cutoffs.cutoff_date)') }} / 7.0) as integer) as whole_weeks
    from {{ ref('int_purchase_days') }} as days
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs on days.store_id = cutoffs.store_id and cutoffs.cutoff = 'now'
    group by days.store_id

),

weeks as (

    select
        store_id,
        first_date,
        {{ series_to_rows(1, 'whole_weeks') }} as week_number
    from starts

),

repeats as (

    select
        days.store_id,
        cast(floor({{ days_between('starts.first_date', 'days.purchase_date') }} / 7.0) as bigint) + 1 as week_number,
        sum(days.repeat_purchases) as repeat_purchases
    from {{ ref('int_purchase_days') }} as days
    inner join starts on days.store_id = starts.store_id
    group by days.store_id, cast(floor({{ days_between('starts.first_date', 'days.purchase_date') }} / 7.0) as bigint) + 1

)

select
    weeks.store_id,
    cast(weeks.week_number as bigint) as week_number,
    cast(sum(coalesce(repeats.repeat_purchases, 0)) over (
        partition by weeks.store_id order by weeks.week_number rows between unbounded preceding and current row
    ) as bigint) as actual_orders,
    weeks.first_date + cast(7 * weeks.week_number - 1 as integer) as week_end
from weeks
left join repeats on weeks.store_id = repeats.store_id and weeks.week_number = repeats.week_number
