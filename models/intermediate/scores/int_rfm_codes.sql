{{ config(materialized='view') }}

with scores as (

    select cast(score as bigint) as score
    from generate_series(1, 5) as numbers (score)

),

fitting as (

    select
        rules.scheme,
        rules.rule_id,
        rules.rfm_segment,
        rules.description,
        recency.score as rfm_recency,
        frequency.score as rfm_frequency,
        monetary.score as rfm_monetary,
        row_number() over (
            partition by rules.scheme, recency.score, frequency.score, monetary.score
            order by rules.is_custom desc, rules.priority, {{ byte_order('rules.rule_id') }}
        ) as rule_rank
    from {{ ref('int_rfm_rules') }} as rules
    inner join scores as recency on recency.score between rules.recency_min and rules.recency_max
    inner join scores as frequency on frequency.score between rules.frequency_min and rules.frequency_max
    inner join scores as monetary on monetary.score between rules.monetary_min and rules.monetary_max

)

select
    scheme,
    rfm_recency,
    rfm_frequency,
    rfm_monetary,
    rfm_segment,
    rule_id,
    description,
    {{ rfm_code() }} as rfm_code
from fitting
-- a row that says none leaves its codes without a name
where rule_rank = 1 and rfm_segment <> 'none'
