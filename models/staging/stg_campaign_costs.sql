select
    store_id,
    cost_id,
    cost,
    exchange_rate,
    loaded_at,
    cast(cost_date as date) as cost_date,
    cast(round(impressions, 0) as bigint) as impressions,
    cast(round(clicks, 0) as bigint) as clicks,
    {{ lower_letters('source') }} as source,
    {{ lower_letters('medium') }} as medium,
    {{ lower_letters('campaign') }} as campaign
from {{ ref('base_campaign_costs') }}
where fate = 'accepted'
