-- If this fails, a scheme of rfm_segments.csv or custom_rfm_segments.csv says nothing of some codes: their customers would be in no
-- group. A row whose rfm_segment is none says that this is meant.
with scores as (

    select cast(score as bigint) as score
    from generate_series(1, 5) as numbers (score)

),

schemes as (

    select distinct scheme
    from {{ ref('int_rfm_rules') }}

)

select
    schemes.scheme,
    recency.score as rfm_recency,
    frequency.score as rfm_frequency,
    monetary.score as rfm_monetary
from schemes
cross join scores as recency
cross join scores as frequency
cross join scores as monetary
left join {{ ref('int_rfm_rules') }} as rules
    on
        schemes.scheme = rules.scheme
        and recency.score between rules.recency_min and rules.recency_max
        and frequency.score between rules.frequency_min and rules.frequency_max
        and monetary.score between rules.monetary_min and rules.monetary_max
where rules.rule_id is null
