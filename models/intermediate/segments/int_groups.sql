{%- set scheme = '' if var('rfm_scheme') == 'eight_groups' else ':' ~ var('rfm_scheme') %}

with definitions as (

    select
        'segment' as kind,
        segment_id as group_id,
        store_id as only_store_id,
        lower(auto_refresh) = 'true' as auto_refresh,
        {{ refresh_hours('refresh_days') }} as refresh_hours,
        cast(expires_after_days as integer) as expires_after_days
    from {{ ref('int_segments') }}
    where status = 'active'
    union all
    select
        'cohort' as kind,
        cohort_id as group_id,
        cast(null as text) as only_store_id,
        true as auto_refresh,
        24 as refresh_hours,
        cast(null as integer) as expires_after_days
    from {{ ref('int_cohort_definitions') }}
    where is_active and cohort_type <> 'acquisition'

),

rule_texts as (

    select
        owner_id as group_id,
        split_part(rule_kind, '_', 1) as kind,
        md5(string_agg(
            {{ composed_key([
                'rule_kind', 'rule_id', 'rule_group', 'field', 'operator', 'value', 'event_type', 'cast(min_count as text)',
                'cast(lookback_days as text)', 'properties'
            ]) }}
            -- the name of a group means somebody else in another scheme
            || case when field = 'rfm_segment' then {{ sql_text(scheme) }} else '' end,
            ':' order by {{ byte_order('rule_id') }}
        )) as definition_hash
    from {{ ref('int_valid_rules') }}
    where rule_kind in ('segment', 'cohort_entry', 'cohort_exit')
    group by owner_id, split_part(rule_kind, '_', 1)

)

select
    definitions.*,
    coalesce(rule_texts.definition_hash, '') as definition_hash
from definitions
left join rule_texts on definitions.kind = rule_texts.kind and definitions.group_id = rule_texts.group_id
