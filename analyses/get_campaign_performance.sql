-- what each campaign brought in the last days (var days), by one model of attribution (var attribution_model)
select
    performance.source,
    performance.medium,
    performance.campaign,
    sum(performance.visits) as visits,
    {{ round_to('sum(performance.orders)', 6) }} as orders,
    {{ round_to('sum(performance.new_customers)', 6) }} as new_customers,
    sum(performance.net_revenue) as net_revenue,
    -- of the visits that began in these days, whatever orders the model credits to earlier ones
    {{ money(ratio('sum(performance.net_revenue)', 'sum(performance.visits)')) }} as revenue_per_visit,
    sum(performance.cost) as cost,
    {{ money(ratio('sum(performance.cost)', 'sum(performance.new_customers)')) }} as cost_per_new_customer,
    -- of what the orders of these days brought, less what came back of them since
    sum(performance.kept_revenue) as kept_revenue,
    {{ round_to(ratio('sum(performance.kept_revenue)', 'sum(performance.cost)'), 6) }} as return_on_ad_spend,
    {{ round_to(ratio('sum(performance.kept_revenue) - sum(performance.cost)', 'sum(performance.cost)'), 6) }} as return_on_investment
from {{ ref('campaign_performance') }} as performance
inner join {{ ref('stg_stores') }} as stores on performance.store_id = stores.store_id
where
    performance.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and performance.is_store
    and performance.attribution_model = {{ sql_text(var('attribution_model', 'position_based')) }}
    and performance.activity_date > {{ last_begun_date('stores.timezone') }} - {{ var('days', 30) }}
group by performance.source, performance.medium, performance.campaign
order by net_revenue desc, performance.source asc, performance.medium asc, performance.campaign asc
