{{ config(materialized='view') }}

with rules as (

    select
        rules.*,
        operators.value_form,
        split_part(rules.value, '..', 1) as range_from,
        split_part(rules.value, '..', 2) as range_to
    from {{ ref('int_rules') }} as rules
    left join {{ ref('rule_operators') }} as operators
        on rules.operator = operators.operator and rules.field_type = operators.field_type

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

condition_errors as (

    select
        rules.source_seed,
        rules.owner_id,
        rules.rule_id,
        case
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
                        or (
                            split_part(rules.value, ':', 1) = words.axis_name
                            and split_part(rules.value, ':', 2) in ('1', '2', '3', '4', '5')
                        )
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
        end as reason
    from read as rules

)

select
    source_seed,
    owner_id,
    rule_id,
    reason
from condition_errors
where reason is not null
