{{ config(post_hook="{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}") }}

with previous as (

    {{ previous_state(is_incremental(), this, ['store_id', 'kind', 'group_id', 'customer_id'], {
        'is_member': 'boolean', 'reason': 'text', 'score': 'double precision', 'source': 'text', 'expires_at': 'timestamp'
    }) | indent(4) }}

),

-- everybody who was a member last night, or whose time as one ran out, and who that is by now
previous_members as (

    select
        previous.*,
        persons.customer_id as person_id,
        definitions.group_id is not null as is_in_use,
        due.group_id is not null as is_due,
        {{ as_of() }} + definitions.expires_after_days * interval '1 day' as new_expires_at,
        -- a member of a segment that is not due, or of a cohort, whatever they meet tonight
        previous.is_member and previous.source = 'automatic'
        and coalesce(definitions.only_store_id, previous.store_id) = previous.store_id
        and definitions.group_id is not null
        and (due.group_id is null or previous.kind = 'cohort') as is_kept
    from previous
    left join {{ ref('int_person_ids') }} as persons
        on previous.store_id = persons.store_id and previous.customer_id = persons.earlier_id
    left join {{ ref('int_groups') }} as definitions on previous.kind = definitions.kind and previous.group_id = definitions.group_id
    left join {{ ref('group_calculations') }} as due
        on previous.store_id = due.store_id and previous.kind = due.kind and previous.group_id = due.group_id and due.as_of = {{ as_of() }}
    where previous.is_member or (previous.reason = 'expired' and previous.source = 'automatic')

),

-- what a person has from last night where it is not just a membership under the same id
inherited as (

    select
        store_id,
        kind,
        group_id,
        person_id as customer_id,
        bool_or(is_kept) as is_kept,
        bool_or(not is_member) as is_waiting,
        bool_or(is_member and person_id <> customer_id) as is_carried,
        bool_or(is_member and person_id <> customer_id and source = 'automatic') as is_carried_by_rules,
        min(case when is_member and person_id <> customer_id and source = 'automatic' then expires_at end) as carried_expires_at,
        max(new_expires_at) as new_expires_at
    from previous_members
    where person_id is not null and (is_kept or not is_member or person_id <> customer_id)
    group by store_id, kind, group_id, person_id

),

wanted as (

    select
        coalesce(evaluated.store_id, inherited.store_id) as store_id,
        coalesce(evaluated.kind, inherited.kind) as kind,
        coalesce(evaluated.group_id, inherited.group_id) as group_id,
        coalesce(evaluated.customer_id, inherited.customer_id) as customer_id,
        coalesce(evaluated.score, 1) as score,
        coalesce(evaluated.source, 'automatic') as source,
        case
            when evaluated.source <> 'automatic' then evaluated.expires_at
            else coalesce(inherited.carried_expires_at, evaluated.expires_at, inherited.new_expires_at)
        end as expires_at,
        coalesce(inherited.is_carried, false) as is_carried,
        coalesce(inherited.is_waiting and not inherited.is_carried_by_rules, false) as is_waiting
    from {{ ref('int_memberships_wanted') }} as evaluated
    full outer join inherited
        on
            evaluated.store_id = inherited.store_id
            and evaluated.kind = inherited.kind
            and evaluated.group_id = inherited.group_id
            and evaluated.customer_id = inherited.customer_id
    where coalesce(evaluated.is_wanted, inherited.is_kept)

),

members as (

    select * from previous_members
    where is_member

),

compared as (

    select
        wanted.expires_at,
        members.expires_at as earlier_expires_at,
        coalesce(wanted.store_id, members.store_id) as store_id,
        coalesce(wanted.kind, members.kind) as kind,
        coalesce(wanted.group_id, members.group_id) as group_id,
        coalesce(wanted.customer_id, members.customer_id) as customer_id,
        coalesce(wanted.score, members.score) as score,
        coalesce(wanted.source, members.source) as source,
        wanted.customer_id is not null as is_wanted,
        case
            when wanted.customer_id is null and members.person_id is null then 'gone'
            when wanted.customer_id is null and members.person_id <> members.customer_id then 'merged'
            when wanted.customer_id is null and not members.is_in_use then 'inactive'
            when wanted.customer_id is null and members.source = 'automatic' then 'criteria'
            when wanted.customer_id is null and members.expires_at <= {{ as_of() }} then 'expired'
            when wanted.customer_id is null then 'removed'
            -- a membership that comes with another id goes on; none begins while the last one's end is not over
            when members.customer_id is null and wanted.source = 'automatic' and wanted.is_waiting then null
            when members.customer_id is null and wanted.is_carried then 'merged'
            when members.customer_id is null and wanted.source = 'automatic' then 'criteria'
            when members.customer_id is null then 'added'
            when wanted.source = 'automatic' and members.source = 'automatic' and members.expires_at <= {{ as_of() }} then 'expired'
            when wanted.source <> members.source or wanted.score <> members.score then 'changed'
            when wanted.source <> 'automatic' and (wanted.expires_at is distinct from members.expires_at) then 'changed'
        end as reason
    from wanted
    full outer join members
        on
            wanted.store_id = members.store_id
            and wanted.kind = members.kind
            and wanted.group_id = members.group_id
            and wanted.customer_id = members.customer_id

)

select
    store_id,
    kind,
    group_id,
    customer_id,
    reason,
    is_wanted and reason <> 'expired' as is_member,
    false as is_reset,
    score,
    source,
    case when is_wanted and reason <> 'expired' then expires_at else earlier_expires_at end as expires_at,
    {{ as_of() }} as as_of
from compared
where reason is not null
union all
-- wanted no longer, so free to join again
select
    previous_members.store_id,
    previous_members.kind,
    previous_members.group_id,
    previous_members.customer_id,
    'criteria' as reason,
    false as is_member,
    true as is_reset,
    previous_members.score,
    previous_members.source,
    previous_members.expires_at,
    {{ as_of() }} as as_of
from previous_members
left join wanted
    on
        previous_members.store_id = wanted.store_id
        and previous_members.kind = wanted.kind
        and previous_members.group_id = wanted.group_id
        and previous_members.person_id = wanted.customer_id
where not previous_members.is_member and previous_members.is_due and wanted.customer_id is null
