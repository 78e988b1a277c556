with spells as (

    select * from {{ ref('int_segment_spells') }}

),

moves as (

    select
        store_id,
        segment_id,
        from_date as activity_date,
        1 as members_joined,
        0 as members_left,
        0 as members_left_by_criteria
    from spells
    union all
    select
        store_id,
        segment_id,
        until_date as activity_date,
        0 as members_joined,
        1 as members_left,
        case when left_by_criteria then 1 else 0 end as members_left_by_criteria
    from spells
    where until_date is not null
    union all
    -- who left and came back between the beginnings of two days did neither
    select
        earlier.store_id,
        earlier.segment_id,
        earlier.until_date as activity_date,
        -1 as members_joined,
        -1 as members_left,
        case when earlier.left_by_criteria then -1 else 0 end as members_left_by_criteria
    from spells as earlier
    inner join spells as later
        on
            earlier.store_id = later.store_id
            and earlier.segment_id = later.segment_id
            and earlier.customer_id = later.customer_id
            and earlier.until_date = later.from_date

)

select
    store_id,
    segment_id,
    activity_date,
    cast(sum(members_joined) as bigint) as members_joined,
    cast(sum(members_left) as bigint) as members_left,
    cast(sum(members_left_by_criteria) as bigint) as members_left_by_criteria
from moves
group by store_id, segment_id, activity_date
having sum(members_joined) > 0 or sum(members_left) > 0
