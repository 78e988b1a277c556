with score_rules as (

    -- one in seeds/custom replaces one of its id
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
        stage_rank as priority,
        cast(null as text) as description
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
        '100' as priority,
        cast(null as text) as description
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
        '100' as priority,
        cast(null as text) as description
    from {{ ref('int_cohort_rules') }}
    union all
    select
        source_seed,
        'action' as rule_kind,
        action_id as owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        event_type,
        min_count,
        lookback_days,
        properties,
        '100' as priority,
        description
    from {{ ref('int_action_rules') }}

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
        'active' as status,
        description
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
        status,
        description
    from score_rules

)

select
    united.*,
    named.axis_number,
    named.field_type,
    named.field_level,
    coalesce(named.min_value, compared_scores.min_score) as min_value,
    coalesce(named.max_value, compared_scores.max_score) as max_value,
    united.operator in ('did', 'did_not') as is_behavior,
    case united.rule_kind when 'score' then scores.level when 'lifecycle' then 5 when 'action' then 10 else 9 end as owner_level
from united
left join {{ ref('int_rule_fields') }} as named on united.field = named.field
left join {{ ref('scores') }} as compared_scores on united.field = compared_scores.score || '_score'
left join {{ ref('scores') }} as scores on case when united.rule_kind = 'score' then united.owner_id end = scores.score
