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
        ) as island,
        row_number() over (
            partition by {{ key }}, person_id
            order by coalesce(left_at, cast('9999-12-31' as timestamp)), joined_at, {{ byte_order('customer_id') }}
        ) as place
    from with_earlier

)

select
    {{ key }},
    person_id as customer_id,
    min(joined_at) as joined_at,
    case when count(left_at) = count(*) then max(left_at) end as left_at,
    {{ first_known('joined_reason', 'place') }} as joined_reason,
    case when count(left_at) = count(*) then {{ last_known('left_reason', 'place') }} end as left_reason,
    {{ last_known('score', 'place') }} as score,
    {{ last_known('source', 'place') }} as source,
    {{ last_known('expires_at', 'place') }} as expires_at
from islands
group by {{ key }}, person_id, island
