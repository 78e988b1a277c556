{{ config(materialized='view') }}

select
    cast(contributions.store_id as text) as store_id,
    cast(contributions.customer_id as text) as customer_id,
    cast(contributions.score as text) as score,
    cast(contributions.rule_id as text) as rule_id,
    cast(contributions.contribution as bigint) as contribution
from {{ ref('int_score_contributions') }} as contributions
