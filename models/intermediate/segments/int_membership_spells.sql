{{ config(post_hook=[
    "{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}",
    "{{ ensure_index(['store_id', 'customer_id']) }}"
]) }}

with by_person as (

    select
        spells.*,
        coalesce(persons.customer_id, spells.customer_id) as person_id
    from {{ ref('int_membership_spells_by_id') }} as spells
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

spells_of_merged as (

    select by_person.*
    from by_person
    inner join merged_people on by_person.store_id = merged_people.store_id and by_person.person_id = merged_people.person_id

),

with_earlier as (

    select
        *,
        max(coalesce(left_at, cast('9999-12-31' as timestamp))) over (
            partition by store_id, kind, group_id, person_id
            order by joined_at, {{ byte_order('customer_id') }}
            rows between unbounded preceding and 1 preceding
        ) as earlier_end
    from spells_of_merged

),

islands as (

    select
        *,
        sum(case when earlier_end >= joined_at then 0 else 1 end) over (
            partition by store_id, kind, group_id, person_id
            order by joined_at, {{ byte_order('customer_id') }}
            rows between unbounded preceding and current row
        ) as island
    from with_earlier

),

-- how it began says the earliest, how it is or ended the latest; that an id became another one's says least
ranked as (

    select
        *,
        row_number() over (
            partition by store_id, kind, group_id, person_id, island
            order by joined_at, {{ byte_order('customer_id') }}
        ) as start_rank,
        row_number() over (
            partition by store_id, kind, group_id, person_id, island
            order by
                left_at desc nulls first,
                case when left_reason = 'merged' then 1 else 0 end,
                joined_at desc,
                {{ byte_order('customer_id') }} desc
        ) as end_rank
    from islands

)

select
    store_id,
    kind,
    group_id,
    person_id as customer_id,
    min(joined_at) as joined_at,
    max(case when end_rank = 1 then left_at end) as left_at,
    max(case when start_rank = 1 then joined_reason end) as joined_reason,
    max(case when end_rank = 1 then left_reason end) as left_reason,
    max(case when end_rank = 1 then score end) as score,
    max(case when end_rank = 1 then source end) as source,
    max(case when end_rank = 1 then expires_at end) as expires_at
from ranked
group by store_id, kind, group_id, person_id, island
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
