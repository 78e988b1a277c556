{%- set week_name -%}
    cast(extract(isoyear from keys.period_start) as text)
    || '-W' || lpad(cast(extract(week from keys.period_start) as text), 2, '0')
{%- endset -%}

with members as (

    select
        store_id,
        cohort_key,
        cohort_id,
        period_start,
        count(case when left_at is null then 1 end) as member_count,
        min(joined_at) as first_joined_at
    from {{ ref('int_cohort_members') }}
    group by store_id, cohort_key, cohort_id, period_start

),

keys as (

    select
        store_id,
        cohort_key,
        cohort_id,
        period_start
    from members
    union
    -- what is one cohort by itself is there before anybody is in it
    select
        stores.store_id,
        definitions.cohort_id as cohort_key,
        definitions.cohort_id,
        cast(null as date) as period_start
    from {{ ref('stg_stores') }} as stores
    cross join {{ ref('int_cohort_definitions') }} as definitions
    where not definitions.is_periodic

)

select
    cast(keys.store_id as text) as store_id,
    cast(keys.cohort_key as text) as cohort_key,
    cast(keys.cohort_id as text) as cohort_id,
    cast(case
        when not definitions.is_periodic then definitions.name
        when definitions.cohort_period = 'day' then cast(keys.period_start as text)
        when definitions.cohort_period = 'week' then {{ week_name }}
        when definitions.cohort_period = 'month' then left(cast(keys.period_start as text), 7)
        when definitions.cohort_period = 'quarter'
            then left(cast(keys.period_start as text), 4) || '-Q' || cast(extract(quarter from keys.period_start) as text)
    end as text) as cohort_name,
    cast(definitions.cohort_type as text) as cohort_type,
    cast(definitions.cohort_period as text) as cohort_period,
    cast(coalesce(keys.period_start, definitions.start_date) as date) as acquisition_start_date,
    cast(coalesce(
        {{ later_period('keys.period_start', 'definitions.cohort_period', 1) }} - 1, definitions.end_date
    ) as date) as acquisition_end_date,
    cast(definitions.description as text) as description,
    cast(definitions.lookback_days as bigint) as lookback_days,
    cast(entries.rules_json as {{ json_type() }}) as entry_criteria,
    cast(exits.rules_json as {{ json_type() }}) as exit_criteria,
    cast(coalesce(members.member_count, 0) as bigint) as member_count,
    cast(definitions.is_active as boolean) as is_active,
    cast(members.first_joined_at as timestamp) as created_at,
    {{ as_of() }} as updated_at
from keys
inner join {{ ref('int_cohort_definitions') }} as definitions on keys.cohort_id = definitions.cohort_id
left join members on keys.store_id = members.store_id and keys.cohort_key = members.cohort_key
left join {{ ref('int_criteria') }} as entries on keys.cohort_id = entries.owner_id and entries.rule_kind = 'cohort_entry'
left join {{ ref('int_criteria') }} as exits on keys.cohort_id = exits.owner_id and exits.rule_kind = 'cohort_exit'
