{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    on_schema_change='append_new_columns',
    meta={'replaces': 'true'},
    post_hook="{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}"
) }}

{%- set key = 'store_id, kind, group_id' %}

with changes as (

    select
        *,
        lag(is_member, 1, false) over (partition by {{ key }}, customer_id order by as_of) as was_member
    from {{ ref('membership_changes') }}
    where as_of <= {{ as_of() }}

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
    from changes
    where not is_reset

),

spells as (

    select
        {{ key }},
        customer_id,
        spell_number,
        min(as_of) as joined_at,
        max(case when not is_member then as_of end) as left_at,
        {{ first_known('reason', 'as_of') }} as joined_reason,
        max(case when not is_member then reason end) as left_reason,
        {{ last_known('score', 'as_of') }} as score,
        {{ last_known('source', 'as_of') }} as source,
        max(case when is_last then expires_at end) as expires_at
    from numbered
    group by {{ key }}, customer_id, spell_number

),

-- whoever turned out to be one person has one membership where theirs touch
by_person as (

    select
        spells.*,
        coalesce(persons.customer_id, spells.customer_id) as person_id
    from spells
    left join {{ ref('int_person_ids') }} as persons
        on spells.store_id = persons.store_id and spells.customer_id = persons.earlier_id

),

with_earlier as (

    select
        *,
        max(coalesce(left_at, cast('9999-12-31' as timestamp))) over (
            partition by {{ key }}, person_id
            order by joined_at, {{ byte_order('customer_id') }}
            rows between unbounded preceding and 1 preceding
        ) as earlier_end
    from by_person

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
