-- A person is in a group once at a time, and two spells have a night between them. If this fails, one membership is counted
-- twice, or was cut in two.
with spells as (

    select
        store_id,
        kind,
        group_id,
        customer_id,
        joined_at,
        left_at,
        lead(joined_at) over (partition by store_id, kind, group_id, customer_id order by joined_at) as next_joined_at
    from {{ ref('int_membership_spells') }}

)

select *
from spells
where left_at <= joined_at or next_joined_at <= left_at or (left_at is null and next_joined_at is not null)
