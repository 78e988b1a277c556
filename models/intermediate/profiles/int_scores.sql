with totals as (

    {{ score_totals(ref('int_score_contributions')) }}

)

-- who meets no rule has the base
select
    facts.store_id,
    facts.customer_id,
    scores.score,
    cast(coalesce(totals.score_value, scores.base) as bigint) as score_value
from {{ ref('int_profile_facts') }} as facts
cross join {{ ref('scores') }} as scores
left join totals
    on facts.store_id = totals.store_id and facts.customer_id = totals.customer_id and scores.score = totals.score
