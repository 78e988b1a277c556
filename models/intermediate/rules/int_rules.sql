{%- set condition = 'rule_group, field, operator, value, event_type, min_count, lookback_days, properties' %}
{%- set no_behavior %}
    cast(null as text) as event_type,
    cast(null as text) as min_count,
    cast(null as text) as lookback_days,
    cast(null as text) as properties
{%- endset %}
{%- set no_points %}
    cast(null as text) as score_adjustment,
    cast(null as text) as max_contribution,
    cast(null as text) as applies_to
{%- endset %}

with score_rules as (

    select *
    from {{ ref('custom_score_rules') }}
    union all
    select *
    from {{ ref('score_rules') }}
    where rule_id not in (
        select custom.rule_id from {{ ref('custom_score_rules') }} as custom
        where custom.rule_id is not null
    )

),

redefined as (

    select segment_id from {{ ref('custom_segment_definitions') }}
    where segment_id is not null

),

segment_rules as (

    -- a segment that is defined anew in seeds/custom has none of the rules that came with the project
    select
        rule_id,
        segment_id,
        'custom_segment_rules' as source_seed,
        {{ condition }}
    from {{ ref('custom_segment_rules') }}
    union all
    select
        rule_id,
        segment_id,
        'segment_rules' as source_seed,
        {{ condition }}
    from {{ ref('segment_rules') }}
    where segment_id not in (select redefined.segment_id from redefined)
    union all
    -- a threshold on a model's column is a rule like others
    select
        segment_id || '-model' as rule_id,
        segment_id,
        'segment_definitions' as source_seed,
        cast(null as text) as rule_group,
        model_id as field,
        'greater_or_equal' as operator,
        model_threshold as value,
        {{ no_behavior }}
    from {{ ref('int_segments') }}
    where segment_type = 'ml_based'

),

united_cohort_rules as (

    select
        'cohort_rules' as source_seed,
        cohort_rules.*
    from {{ ref('cohort_rules') }} as cohort_rules
    union all
    select
        'custom_cohort_rules' as source_seed,
        custom.*
    from {{ ref('custom_cohort_rules') }} as custom

),

cohort_rules as (

    -- what somebody did counts in the days that the rule says, else in those that its cohort says
    select
        rules.source_seed,
        rules.cohort_id,
        rules.criterion,
        rules.rule_id,
        rules.rule_group,
        rules.field,
        rules.operator,
        rules.value,
        rules.event_type,
        rules.min_count,
        rules.properties,
        case
            when rules.operator in ('did', 'did_not') then coalesce(rules.lookback_days, cast(cohorts.lookback_days as text))
            else rules.lookback_days
        end as lookback_days
    from united_cohort_rules as rules
    left join {{ ref('int_cohort_definitions') }} as cohorts on rules.cohort_id = cohorts.cohort_id

),

united as (

    select
        'score_rules' as source_seed,
        'score' as rule_kind,
        score as owner_id,
        rule_id,
        cast(null as text) as rule_group,
        field,
        operator,
        value,
        {{ no_behavior }},
        score_adjustment,
        max_contribution,
        applies_to,
        priority,
        status
    from score_rules
    union all
    select
        'lifecycle_rules' as source_seed,
        'lifecycle' as rule_kind,
        lifecycle_stage as owner_id,
        rule_id,
        rule_group,
        field,
        operator,
        value,
        {{ no_behavior }},
        {{ no_points }},
        stage_rank as priority,
        'active' as status
    from {{ ref('lifecycle_rules') }}
    union all
    select
        source_seed,
        'segment' as rule_kind,
        segment_id as owner_id,
        rule_id,
        {{ condition }},
        {{ no_points }},
        '100' as priority,
        'active' as status
    from segment_rules
    union all
    select
        source_seed,
        'cohort_' || criterion as rule_kind,
        cohort_id as owner_id,
        rule_id,
        {{ condition }},
        {{ no_points }},
        '100' as priority,
        'active' as status
    from cohort_rules

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
left join {{ ref('scores') }} as scores on united.rule_kind = 'score' and united.owner_id = scores.score
