select
    store_id,
    cost_id,
    cost,
    exchange_rate,
    loaded_at,
    cast(cost_date as date) as cost_date,
    cast(round(impressions, 0) as bigint) as impressions,
    cast(round(clicks, 0) as bigint) as clicks,
    {{ known_origin('source', lower_letters('source')) }} as source,
    {{ known_origin('medium', lower_letters('medium')) }} as medium,
    {{ known_origin('campaign', lower_letters('campaign')) }} as campaign
from {{ ref('base_campaign_costs') }}
where fate = 'accepted'
