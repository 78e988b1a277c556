{{ config(materialized='view') }}

with nights as (

    select
        store_id,
        joined_at as night
    from {{ ref('int_membership_spells') }}
    union
    select
        store_id,
        left_at as night
    from {{ ref('int_membership_spells') }}
    where left_at is not null

),

-- the first day at whose end a night had been: that of a midnight is the day that it ends
dated as (

    select
        nights.store_id,
        nights.night,
        {{ last_begun_date('stores.timezone', 'nights.night') }} as first_date
    from nights
    inner join {{ ref('stg_stores') }} as stores on nights.store_id = stores.store_id

)

select
    spells.store_id,
    spells.group_id as segment_id,
    spells.customer_id,
    joined.first_date as from_date,
    left_again.first_date as until_date,
    spells.left_reason = 'criteria' and redefined.store_id is null as left_by_criteria
from {{ ref('int_membership_spells') }} as spells
inner join dated as joined on spells.store_id = joined.store_id and spells.joined_at = joined.night
left join dated as left_again on spells.store_id = left_again.store_id and spells.left_at = left_again.night
left join {{ ref('int_segment_redefinitions') }} as redefined
    on spells.store_id = redefined.store_id and spells.group_id = redefined.segment_id and spells.left_at = redefined.as_of
where
    spells.kind in ('segment', 'axis', 'cluster')
    -- who joined and left within a day was a member at the end of none
    and (left_again.first_date is null or left_again.first_date > joined.first_date)
