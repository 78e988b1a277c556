-- If this fails, a scheme of seeds/scores/rfm_segments.csv leaves codes without a name: their customers would be in no group.
with scores as (

    select cast(score as bigint) as score
    from generate_series(1, 5) as numbers (score)

),

schemes as (

    select distinct scheme
    from {{ ref('rfm_segments') }}

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
left join {{ ref('rfm_segments') }} as rules
    on
        schemes.scheme = rules.scheme
        and recency.score between rules.recency_min and rules.recency_max
        and frequency.score between rules.frequency_min and rules.frequency_max
        and monetary.score between rules.monetary_min and rules.monetary_max
where rules.rule_id is null
