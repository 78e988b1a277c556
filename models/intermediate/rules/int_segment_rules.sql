{{ config(materialized='view') }}

with redefined as (

    select segment_id from {{ ref('custom_segment_definitions') }}
    where segment_id is not null

),

segment_rules as (

    select
        'custom_segment_rules' as source_seed,
        custom.*
    from {{ ref('custom_segment_rules') }} as custom
    union all
    -- a segment that is defined anew in seeds/custom has none of the rules that came with the project
    select
        'segment_rules' as source_seed,
        given.*
    from {{ ref('segment_rules') }} as given
    where given.segment_id not in (select redefined.segment_id from redefined)

)

select
    source_seed,
    segment_id,
    rule_id,
    rule_group,
    field,
    operator,
    value,
    event_type,
    min_count,
    lookback_days,
    properties
from segment_rules
union all
-- a threshold on a model's column is a rule like others
select
    'segment_definitions' as source_seed,
    segment_id,
    segment_id || '-model' as rule_id,
    cast(null as text) as rule_group,
    model_id as field,
    'greater_or_equal' as operator,
    model_threshold as value,
    cast(null as text) as event_type,
    cast(null as text) as min_count,
    cast(null as text) as lookback_days,
    cast(null as text) as properties
from {{ ref('int_segments') }}
where segment_type = 'ml_based'
