{{ config(materialized='view') }}

with owners_of_rules as (

    select distinct
        rule_kind,
        owner_id
    from {{ ref('int_rules') }}

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

)

select
    source_seed,
    owner_id,
    reason
from segment_errors
where reason is not null
