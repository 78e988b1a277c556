with score_rules as (

    -- a rule in seeds/custom replaces one of its id
    select
        *,
        'custom_score_rules' as source_seed
    from {{ ref('custom_score_rules') }}
    union all
    select
        *,
        'score_rules' as source_seed
    from {{ ref('score_rules') }}
    where rule_id not in (
        select custom.rule_id from {{ ref('custom_score_rules') }} as custom
        where custom.rule_id is not null
    )

),

-- rules that say who is in something
inclusion_rules as (

    select
        'lifecycle_rules' as source_seed,
        'lifecycle' as rule_kind,
        lifecycle_stage as owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        cast(null as text) as event_type,
        cast(null as text) as min_count,
        cast(null as text) as lookback_days,
        cast(null as text) as properties,
        stage_rank as priority
    from {{ ref('lifecycle_rules') }}
    union all
    select
        source_seed,
        'segment' as rule_kind,
        segment_id as owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        event_type,
        min_count,
        lookback_days,
        properties,
        '100' as priority
    from {{ ref('int_segment_rules') }}
    union all
    select
        source_seed,
        'cohort_' || criterion as rule_kind,
        cohort_id as owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        event_type,
        min_count,
        lookback_days,
        properties,
        '100' as priority
    from {{ ref('int_cohort_rules') }}

),

united as (

    select
        source_seed,
        rule_kind,
        owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        event_type,
        min_count,
        lookback_days,
        properties,
        cast(null as text) as score_adjustment,
        cast(null as text) as max_contribution,
        cast(null as text) as applies_to,
        priority,
        'active' as status
    from inclusion_rules
    union all
    select
        source_seed,
        'score' as rule_kind,
        score as owner_id,
        rule_id,
        cast(null as text) as rule_group,
        field,
        operator,
        value,
        cast(null as text) as event_type,
        cast(null as text) as min_count,
        cast(null as text) as lookback_days,
        cast(null as text) as properties,
        score_adjustment,
        max_contribution,
        applies_to,
        priority,
        status
    from score_rules

),

axes as (

    select
        axis_name,
        min(axis_number) as axis_number
    from {{ ref('axes') }}
    group by axis_name

)

select
    united.*,
    axes.axis_number,
    profile_fields.level as field_level,
    coalesce(profile_fields.min_value, compared_scores.min_score) as min_value,
    coalesce(profile_fields.max_value, compared_scores.max_score) as max_value,
    case when axes.axis_number is not null then 'number' else profile_fields.field_type end as field_type,
    united.operator in ('did', 'did_not') as is_behavior,
    case united.rule_kind when 'score' then scores.level when 'lifecycle' then 5 else 9 end as owner_level
from united
left join axes on united.field = 'axis_position.' || axes.axis_name
left join {{ ref('profile_fields') }} as profile_fields
    on case when axes.axis_number is not null then 'axis_position' else united.field end = profile_fields.field
left join {{ ref('scores') }} as compared_scores on united.field = compared_scores.score || '_score'
left join {{ ref('scores') }} as scores on case when united.rule_kind = 'score' then united.owner_id end = scores.score
