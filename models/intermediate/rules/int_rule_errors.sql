with rules as (

    select
        rules.*,
        operators.value_form,
        split_part(rules.value, '..', 1) as range_from,
        split_part(rules.value, '..', 2) as range_to,
        min({{ byte_order('rules.owner_id') }}) over ranked as first_of_rank,
        max({{ byte_order('rules.owner_id') }}) over ranked as last_of_rank
    from {{ ref('int_rules') }} as rules
    left join {{ ref('rule_operators') }} as operators
        on rules.operator = operators.operator and rules.field_type = operators.field_type
    window ranked as (partition by rules.rule_kind, rules.priority)

),

read as (

    select
        *,
        {{ is_rule_value('value', 'field_type') }} as is_value,
        {{ is_rule_value('range_from', 'field_type') }} as is_from_value,
        {{ is_rule_value('range_to', 'field_type') }} as is_to_value,
        {{ try_json('properties') }} is not null as is_json
    from rules

),

-- definitions that rules belong to
owners as (

    select
        'segment' as rule_kind,
        segment_id as owner_id
    from {{ ref('int_segments') }}
    union all
    select
        'score' as rule_kind,
        score as owner_id
    from {{ ref('scores') }}
    union all
    select
        'cohort_entry' as rule_kind,
        cohort_id as owner_id
    from {{ ref('int_cohort_definitions') }}
    union all
    select
        'cohort_exit' as rule_kind,
        cohort_id as owner_id
    from {{ ref('int_cohort_definitions') }}

),

rule_errors as (

    select
        rules.source_seed,
        rules.owner_id,
        rules.rule_id,
        case
            when rules.rule_id is null or not {{ matches('rules.rule_id', '[a-z0-9][a-z0-9_-]{0,61}') }}
                then 'a rule_id is at most 62 lower case letters, digits, - and _'
            when coalesce(rules.rule_kind, '') not in ('score', 'lifecycle', 'segment', 'cohort_entry', 'cohort_exit')
                then 'criterion must be entry or exit'
            when rules.rule_kind = 'lifecycle' and rules.owner_id is null then 'lifecycle_stage is missing'
            when rules.rule_kind = 'lifecycle' and rules.first_of_rank <> rules.last_of_rank
                then 'stage_rank ' || rules.priority || ' is that of ' || rules.first_of_rank || ' and of ' || rules.last_of_rank
            when rules.rule_kind <> 'lifecycle' and owners.owner_id is null
                then 'there is no such ' || split_part(rules.rule_kind, '_', 1)
            when rules.rule_group is not null and not {{ matches('rules.rule_group', '[a-z0-9_]+([.][a-z0-9_]+)*') }}
                then 'rule_group ''' || rules.rule_group || ''' is not like 1 or 1.2'
            when rules.operator is null then 'operator is missing'
            when rules.is_behavior and rules.rule_kind in ('score', 'lifecycle') then rules.operator || ' is for segments and cohorts'
            when rules.is_behavior and (rules.field is not null or rules.value is not null)
                then rules.operator || ' takes event_type, min_count and lookback_days, but neither field nor value'
            when
                rules.is_behavior
                and coalesce(rules.event_type, '') not in (select vocabulary.event_type from {{ ref('stg_event_types') }} as vocabulary)
                then 'there is no event_type ''' || coalesce(rules.event_type, '') || ''' (seed event_types)'
            when rules.is_behavior and not {{ matches("coalesce(rules.min_count, '')", '[1-9][0-9]{0,8}') }}
                then 'min_count must be a whole number from 1'
            when rules.is_behavior and not {{ matches("coalesce(rules.lookback_days, '')", '[1-9][0-9]{0,4}') }}
                then 'lookback_days must be a whole number from 1'
            when rules.is_behavior and rules.properties is not null and not rules.is_json
                then 'properties are not JSON'
            when rules.is_behavior and rules.properties is not null and left({{ clean_text('rules.properties') }}, 1) <> '{'
                then 'properties are not a JSON object'
            when not rules.is_behavior and coalesce(rules.event_type, rules.min_count, rules.lookback_days, rules.properties) is not null
                then 'event_type, min_count, lookback_days and properties are for the operators did and did_not'
            when not rules.is_behavior and rules.field is null then 'field is missing'
            when not rules.is_behavior and rules.field_type is null then 'there is no field ''' || rules.field || ''' (seed profile_fields)'
            when not rules.is_behavior and rules.field_level >= rules.owner_level
                then 'field ''' || rules.field || ''' is not known yet when ' || rules.owner_id || ' is made'
            when not rules.is_behavior and rules.value_form is null
                then 'operator ''' || rules.operator || ''' does not go with the ' || rules.field_type || ' ' || rules.field
            when rules.value_form = 'none' and rules.value is not null then rules.operator || ' takes no value'
            when rules.value_form <> 'none' and rules.value is null then 'value is missing'
            when
                rules.field = 'axis_segments' and rules.value_form = 'one'
                and not exists (
                    select 1
                    from {{ ref('axis_words') }} as words
                    where
                        rules.value in (words.axis_name || ':' || words.low_word, words.axis_name || ':' || words.high_word)
                        or (split_part(rules.value, ':', 1) = words.axis_name and split_part(rules.value, ':', 2) in ('2', '3', '4', '5'))
                )
                then 'there is no axis segment ''' || rules.value || ''' (seed axis_words)'
            when rules.value_form = 'one' and not rules.is_value
                then 'value ''' || rules.value || ''' is no ' || rules.field_type
            when
                rules.value_form = 'many' and rules.field_type = 'number'
                and not {{ matches('rules.value', '[+-]?[0-9]{1,15}([.][0-9]{1,6})?([|][+-]?[0-9]{1,15}([.][0-9]{1,6})?)*') }}
                then 'value ''' || rules.value || ''' is no list of numbers such as 1|2'
            when rules.value_form = 'many' and {{ matches("'|' || rules.value || '|'", '.*[|][|].*') }}
                then 'value ''' || rules.value || ''' is no list such as a|b'
            when
                rules.value_form = 'pair' and (
                    split_part(rules.value, '..', 3) <> ''
                    or not coalesce(rules.is_from_value, false)
                    or not coalesce(rules.is_to_value, false)
                )
                then 'value ''' || rules.value || ''' is no range of two values such as 1..2'
            when
                rules.value_form = 'pair' and rules.field_type = 'number'
                and {{ try_number('rules.range_from', 'numeric(28, 6)') }} > {{ try_number('rules.range_to', 'numeric(28, 6)') }}
                then 'value ''' || rules.value || ''' holds for nothing: the first number is the larger one'
            when rules.field_type = 'number' and {{ is_out_of_bounds('rules.value', 'rules.min_value', 'rules.max_value') }}
                then
                    'value ''' || rules.value || ''' is beyond what ' || rules.field || ' can be: '
                    || rules.min_value || ' to ' || rules.max_value
            when rules.priority is null or not {{ matches('rules.priority', '[0-9]{1,9}') }} then 'priority must be a whole number'
            when rules.rule_kind = 'score' and not {{ matches("coalesce(rules.score_adjustment, '')", '[+-]?[0-9]{1,6}') }}
                then 'score_adjustment must be a whole number'
            when rules.max_contribution is not null and not {{ matches('rules.max_contribution', '[0-9]{1,6}') }}
                then 'max_contribution must be a whole number'
            when rules.rule_kind = 'score' and coalesce(rules.applies_to, '') not in ('all', 'new', 'returning')
                then 'applies_to must be all, new or returning'
            when rules.rule_kind = 'score' and coalesce(rules.status, '') not in ('active', 'inactive')
                then 'status must be active or inactive'
        end as reason
    from read as rules
    left join owners on rules.rule_kind = owners.rule_kind and rules.owner_id = owners.owner_id

),

repeated as (

    select
        rule_id,
        min(source_seed) as source_seed,
        min(owner_id) as owner_id,
        'the rule_id is there ' || count(*) || ' times' as reason
    from rules
    group by rule_id
    having count(*) > 1

),

owners_of_rules as (

    select distinct
        rule_kind,
        owner_id
    from rules

),

segments as (

    select
        segments.*,
        profile_fields.field_type as model_type,
        owners_of_rules.owner_id is not null as has_rules,
        case when segments.is_custom then 'custom_segment_definitions' else 'segment_definitions' end as source_seed,
        count(*) over (partition by segments.segment_id) as definitions
    from {{ ref('int_segments') }} as segments
    left join {{ ref('profile_fields') }} as profile_fields on segments.model_id = profile_fields.field
    left join owners_of_rules on segments.segment_id = owners_of_rules.owner_id and owners_of_rules.rule_kind = 'segment'

),

segment_errors as (

    select
        source_seed,
        coalesce(segment_id, name, '') as owner_id,
        cast(null as text) as rule_id,
        case
            when segment_id is null or not {{ matches('segment_id', '[a-z0-9][a-z0-9_-]{0,54}') }}
                then 'a segment_id is at most 55 lower case letters, digits, - and _'
            when {{ matches('segment_id', '.*-[0-9a-f]{32}') }}
                then 'a segment_id that ends in - and 32 hexadecimal digits is one of a segment that a model found'
            when definitions > 1 then 'the segment is defined ' || definitions || ' times'
            when name is null then 'name is missing'
            when coalesce(segment_type, '') not in (
                'rule_based', 'behavioral', 'ml_based', 'manual', 'rfm', 'cohort', 'value-based', 'demographic', 'custom'
            ) then 'there is no segment_type ''' || coalesce(segment_type, '') || ''''
            when coalesce(status, '') not in ('active', 'inactive') then 'status must be active or inactive'
            when segment_type = 'ml_based' and model_id is null then 'an ml_based segment needs a model_id: a number of profile_fields'
            when segment_type = 'ml_based' and model_threshold is null then 'an ml_based segment needs a model_threshold'
            when segment_type <> 'ml_based' and coalesce(model_id, model_threshold) is not null
                then 'model_id and model_threshold are for ml_based segments'
            when segment_type = 'ml_based' and coalesce(model_type, '') <> 'number'
                then 'model_id ''' || model_id || ''' is no number of profile_fields'
            when segment_type <> 'manual' and status = 'active' and not has_rules then 'the segment has no rules'
            when not {{ matches("coalesce(refresh_days, '')", '[1-9][0-9]{0,3}( hours?)?') }}
                then 'refresh_days must be a whole number from 1, or hours such as 6 hours'
            when coalesce(lower(auto_refresh), '') not in ('true', 'false') then 'auto_refresh must be true or false'
            when expires_after_days is not null and not {{ matches('expires_after_days', '[1-9][0-9]{0,4}') }}
                then 'expires_after_days must be a whole number from 1'
        end as reason
    from segments

),

cohort_errors as (

    select
        'cohort_definitions' as source_seed,
        coalesce(cohorts.cohort_id, cohorts.name, '') as owner_id,
        cast(null as text) as rule_id,
        case
            when cohorts.cohort_id is null or not {{ matches('cohorts.cohort_id', '[a-z0-9][a-z0-9_-]{0,54}') }}
                then 'a cohort_id is at most 55 lower case letters, digits, - and _'
            when cohorts.is_active and cohorts.cohort_type <> 'acquisition' and entries.owner_id is null
                then 'the cohort has no entry rules'
            when cohorts.cohort_type = 'acquisition' and (entries.owner_id is not null or exits.owner_id is not null)
                then 'a cohort by acquisition has no rules'
        end as reason
    from {{ ref('int_cohort_definitions') }} as cohorts
    left join owners_of_rules as entries on cohorts.cohort_id = entries.owner_id and entries.rule_kind = 'cohort_entry'
    left join owners_of_rules as exits on cohorts.cohort_id = exits.owner_id and exits.rule_kind = 'cohort_exit'

)

select
    source_seed,
    owner_id,
    rule_id,
    reason
from rule_errors
where reason is not null
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from repeated
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from segment_errors
where reason is not null
union all
select
    source_seed,
    owner_id,
    rule_id,
    reason
from cohort_errors
where reason is not null
