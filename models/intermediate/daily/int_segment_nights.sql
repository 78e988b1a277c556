with nights as (

    select
        store_id,
        joined_at as night
    from {{ ref('int_membership_spells') }}
    where kind in ('segment', 'axis', 'cluster')
    union
    select
        store_id,
        left_at as night
    from {{ ref('int_membership_spells') }}
    where kind in ('segment', 'axis', 'cluster') and left_at is not null
    union
    select
        store_id,
        as_of as night
    from {{ ref('segment_engagement') }}
    where as_of <= {{ as_of() }}

)

select
    nights.store_id,
    nights.night,
    -- nothing is known of who was a member before the first night: its members are those of the day that it ends, too
    case
        when nights.night = min(nights.night) over (partition by nights.store_id)
            then {{ last_begun_date('stores.timezone', 'nights.night') }}
        else {{ day_of_night('stores.timezone', 'nights.night') }}
    end as activity_date
from nights
inner join {{ ref('stg_stores') }} as stores on nights.store_id = stores.store_id
