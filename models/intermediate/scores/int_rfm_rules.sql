{{ config(materialized='view') }}

{%- set columns %}
    scheme, rule_id, priority, recency_min, recency_max, frequency_min, frequency_max, monetary_min, monetary_max, rfm_segment,
    description
{%- endset %}

with united as (

    select
        {{ columns }},
        true as is_custom
    from {{ ref('custom_rfm_segments') }}
    union all
    select
        {{ columns }},
        false as is_custom
    from {{ ref('rfm_segments') }}
    where rule_id not in (
        select custom.rule_id from {{ ref('custom_rfm_segments') }} as custom
        where custom.rule_id is not null
    )

)

select
    {{ columns }},
    is_custom
from united
