{{ config(materialized='view') }}

with changes as (

    select
        store_id,
        kind,
        group_id,
        customer_id,
        as_of,
        is_member,
        reason,
        score,
        source,
        expires_at
    from {{ ref('membership_changes') }}
    where as_of <= {{ as_of() }} and not is_reset
    union all
    -- on an axis a person is in one segment, archetype or cluster at a time: who joins one leaves the last
    select
        store_id,
        kind,
        group_id,
        customer_id,
        as_of,
        true as is_member,
        'criteria' as reason,
        score,
        'automatic' as source,
        cast(null as timestamp) as expires_at
    from {{ ref('dominant_changes') }}
    where as_of <= {{ as_of() }} and group_id is not null
    union all
    select
        store_id,
        kind,
        earlier_group_id as group_id,
        customer_id,
        as_of,
        false as is_member,
        left_reason as reason,
        cast(null as double precision) as score,
        'automatic' as source,
        cast(null as timestamp) as expires_at
    from {{ ref('dominant_changes') }}
    where as_of <= {{ as_of() }} and earlier_group_id is not null

),

-- nearly everybody has one change in a group: then that is the spell, and nothing needs to be put in order
counted as (

    select
        store_id,
        kind,
        group_id,
        customer_id,
        min(as_of) as joined_at,
        min(reason) as joined_reason,
        min(score) as score,
        min(source) as source,
        min(expires_at) as expires_at,
        count(*) as change_count
    from changes
    group by store_id, kind, group_id, customer_id

),

ordered as (

    select
        changes.*,
        lag(changes.is_member, 1, false) over (
            partition by changes.store_id, changes.kind, changes.group_id, changes.customer_id
            order by changes.as_of
        ) as was_member
    from changes
    inner join counted
        on
            changes.store_id = counted.store_id
            and changes.kind = counted.kind
            and changes.group_id = counted.group_id
            and changes.customer_id = counted.customer_id
    where counted.change_count > 1

),

numbered as (

    select
        *,
        coalesce(lead(not was_member) over (partition by store_id, kind, group_id, customer_id order by as_of), true) as is_last,
        sum(case when is_member and not was_member then 1 else 0 end) over (
            partition by store_id, kind, group_id, customer_id
            order by as_of
            rows between unbounded preceding and current row
        ) as spell_number
    from ordered

)

select
    store_id,
    kind,
    group_id,
    customer_id,
    joined_at,
    joined_reason,
    score,
    source,
    expires_at,
    cast(null as timestamp) as left_at,
    cast(null as text) as left_reason
from counted
where change_count = 1
union all
select
    store_id,
    kind,
    group_id,
    customer_id,
    min(as_of) as joined_at,
    {{ first_known('reason', 'as_of') }} as joined_reason,
    {{ last_known('score', 'as_of') }} as score,
    {{ last_known('source', 'as_of') }} as source,
    max(case when is_last then expires_at end) as expires_at,
    max(case when not is_member then as_of end) as left_at,
    max(case when not is_member then reason end) as left_reason
from numbered
group by store_id, kind, group_id, customer_id, spell_number
