with spells as (

    select
        spells.store_id,
        spells.customer_id,
        spells.joined_at,
        spells.left_at,
        segments.first_fitted_at,
        -- the low end, whatever its name, and only where orders of its members become fewer: somewhere nobody declines
        segments.segment_key = 'loyalty_trajectory:declining'
        and coalesce(segments.centre[array_position(segments.features, 'frequency_trend')] < 0, true) as is_declining
    from {{ ref('int_membership_spells') }} as spells
    inner join {{ ref('int_axis_segment_names') }} as segments
        on spells.store_id = segments.store_id and spells.group_id = segments.segment_id
    where spells.kind = 'axis' and segments.axis_name = 'loyalty_trajectory'

),

-- who was elsewhere on the axis until the night; those with whom the segment was born are no news
declines as (

    select distinct
        later.store_id,
        later.customer_id,
        later.joined_at
    from spells as later
    inner join spells as earlier
        on later.store_id = earlier.store_id and later.customer_id = earlier.customer_id and later.joined_at = earlier.left_at
    where later.is_declining and later.joined_at > later.first_fitted_at and earlier.is_declining is distinct from true

),

scores as (

    select
        declines.store_id,
        declines.customer_id,
        declines.joined_at,
        history.rfm_monetary,
        row_number() over (
            partition by declines.store_id, declines.customer_id, declines.joined_at
            order by history.as_of desc, {{ byte_order('history.customer_id') }}
        ) as recency_rank
    from declines
    inner join {{ ref('int_person_ids') }} as persons
        on declines.store_id = persons.store_id and declines.customer_id = persons.customer_id
    inner join {{ ref('rfm_history') }} as history
        on persons.store_id = history.store_id and persons.earlier_id = history.customer_id and declines.joined_at >= history.as_of
    where history.rfm_monetary is not null

)

select
    scores.store_id,
    {{ day_of_night('stores.timezone', 'scores.joined_at') }} as activity_date,
    count(*) as people
from scores
inner join {{ ref('stg_stores') }} as stores on scores.store_id = stores.store_id
where scores.recency_rank = 1 and scores.rfm_monetary >= 4
group by scores.store_id, {{ day_of_night('stores.timezone', 'scores.joined_at') }}
