-- Why a customer's score is what it is: calculateWTPScore's contributions
select
    contributions.score,
    contributions.rule_id,
    contributions.contribution
from {{ ref('score_contributions') }} as contributions
where
    contributions.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and contributions.customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
order by contributions.score, contributions.contribution desc, {{ byte_order('contributions.rule_id') }}
