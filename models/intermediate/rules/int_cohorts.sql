{{ config(materialized='view') }}

{%- set columns = [
    'cohort_id', 'name', 'description', 'cohort_type', 'cohort_period', 'start_date', 'end_date', 'lookback_days', 'status'
] %}

-- what is in seeds/custom replaces what came with the project
select
    {{ columns | join(',\n    ') }},
    true as is_custom
from {{ ref('custom_cohort_definitions') }}
union all
select
    given.{{ columns | join(',\n    given.') }},
    false as is_custom
from {{ ref('cohort_definitions') }} as given
left join {{ ref('custom_cohort_definitions') }} as custom on given.cohort_id = custom.cohort_id
where custom.cohort_id is null
