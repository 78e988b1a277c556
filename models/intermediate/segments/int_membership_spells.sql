{{ config(post_hook="{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}") }}

{%- set key = 'store_id, kind, group_id' %}

with changes as (

    select
        {{ key }},
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
        {{ key }},
        customer_id,
        min(as_of) as joined_at,
        min(reason) as joined_reason,
        min(score) as score,
        min(source) as source,
        min(expires_at) as expires_at,
        count(*) as change_count
    from changes
    group by {{ key }}, customer_id

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
        coalesce(lead(not was_member) over (partition by {{ key }}, customer_id order by as_of), true) as is_last,
        sum(case when is_member and not was_member then 1 else 0 end) over (
            partition by {{ key }}, customer_id
            order by as_of
            rows between unbounded preceding and current row
        ) as spell_number
    from ordered

),

spells as (

    select
        {{ key }},
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
        {{ key }},
        customer_id,
        min(as_of) as joined_at,
        {{ first_known('reason', 'as_of') }} as joined_reason,
        {{ last_known('score', 'as_of') }} as score,
        {{ last_known('source', 'as_of') }} as source,
        max(case when is_last then expires_at end) as expires_at,
        max(case when not is_member then as_of end) as left_at,
        max(case when not is_member then reason end) as left_reason
    from numbered
    group by {{ key }}, customer_id, spell_number

),

by_person as (

    select
        spells.*,
        coalesce(persons.customer_id, spells.customer_id) as person_id
    from spells
    left join {{ ref('int_person_ids') }} as persons
        on spells.store_id = persons.store_id and spells.customer_id = persons.earlier_id

),

-- who had several ids has one membership where theirs touch
merged_people as (

    select distinct
        store_id,
        person_id
    from by_person
    where person_id <> customer_id

),

of_merged as (

    select by_person.*
    from by_person
    inner join merged_people on by_person.store_id = merged_people.store_id and by_person.person_id = merged_people.person_id

),

with_earlier as (

    select
        *,
        max(coalesce(left_at, cast('9999-12-31' as timestamp))) over (
            partition by {{ key }}, person_id
            order by joined_at, {{ byte_order('customer_id') }}
            rows between unbounded preceding and 1 preceding
        ) as earlier_end
    from of_merged

),

islands as (

    select
        *,
        sum(case when earlier_end >= joined_at then 0 else 1 end) over (
            partition by {{ key }}, person_id
            order by joined_at, {{ byte_order('customer_id') }}
            rows between unbounded preceding and current row
        ) as island
    from with_earlier

),

-- how it began says the earliest, how it is or ended the latest; that an id became another one's says least
placed as (

    select
        *,
        row_number() over (
            partition by {{ key }}, person_id, island
            order by joined_at, {{ byte_order('customer_id') }}
        ) as place,
        row_number() over (
            partition by {{ key }}, person_id, island
            order by
                left_at desc nulls first,
                case when left_reason = 'merged' then 1 else 0 end,
                joined_at desc,
                {{ byte_order('customer_id') }} desc
        ) as place_from_end
    from islands

)

select
    {{ key }},
    person_id as customer_id,
    min(joined_at) as joined_at,
    max(case when place_from_end = 1 then left_at end) as left_at,
    max(case when place = 1 then joined_reason end) as joined_reason,
    max(case when place_from_end = 1 then left_reason end) as left_reason,
    max(case when place_from_end = 1 then score end) as score,
    max(case when place_from_end = 1 then source end) as source,
    max(case when place_from_end = 1 then expires_at end) as expires_at
from placed
group by {{ key }}, person_id, island
union all
select
    by_person.store_id,
    by_person.kind,
    by_person.group_id,
    by_person.customer_id,
    by_person.joined_at,
    by_person.left_at,
    by_person.joined_reason,
    by_person.left_reason,
    by_person.score,
    by_person.source,
    by_person.expires_at
from by_person
left join merged_people on by_person.store_id = merged_people.store_id and by_person.person_id = merged_people.person_id
where merged_people.person_id is null
