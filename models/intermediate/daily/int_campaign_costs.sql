{{ config(materialized='view') }}

-- rows that differ in a cost_id alone are of one campaign, and campaigns have the names that their visits have
select
    store_id,
    cost_date as activity_date,
    coalesce(source, '(not set)') as source,
    coalesce(medium, '(not set)') as medium,
    coalesce(campaign, '(none)') as campaign,
    {{ fit_money('sum(' ~ converted('cost', 'exchange_rate') ~ ')') }} as cost,
    {{ fit_bigint('sum(impressions)') }} as impressions,
    {{ fit_bigint('sum(clicks)') }} as clicks
from {{ ref('stg_campaign_costs') }}
group by store_id, cost_date, coalesce(source, '(not set)'), coalesce(medium, '(not set)'), coalesce(campaign, '(none)')
