{%- set key = ['store_id', 'activity_date', 'segment_id', 'attribution_model', 'source', 'medium', 'campaign'] %}

with told as (

    select
        store_id,
        activity_date,
        attribution_model,
        source,
        medium,
        campaign,
        visits,
        order_millionths,
        gross_revenue,
        refunded_amount,
        cast(null as numeric(18, 2)) as cost,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks
    from {{ ref('int_campaign_activity') }}
    union all
    -- each model divides all revenue of the store, so each is held against all that it cost
    select
        spending.store_id,
        spending.activity_date,
        models.attribution_model,
        spending.source,
        spending.medium,
        spending.campaign,
        0 as visits,
        0 as order_millionths,
        0 as gross_revenue,
        0 as refunded_amount,
        spending.cost,
        spending.impressions,
        spending.clicks
    from {{ ref('int_campaign_costs') }} as spending
    cross join {{ ref('attribution_models') }} as models

),

performance as (

    select
        told.store_id,
        told.activity_date,
        '(store)' as segment_id,
        told.attribution_model,
        told.source,
        told.medium,
        told.campaign,
        sum(told.visits) as visits,
        sum(told.order_millionths) as order_millionths,
        {{ fit_money('sum(told.gross_revenue)') }} as gross_revenue,
        {{ fit_money('sum(told.refunded_amount)') }} as refunded_amount,
        max(told.cost) as cost,
        max(told.impressions) as impressions,
        max(told.clicks) as clicks
    from told
    inner join {{ ref('int_daily_stores') }} as days on told.store_id = days.store_id and told.activity_date = days.activity_date
    group by told.store_id, told.activity_date, told.attribution_model, told.source, told.medium, told.campaign
    union all
    -- a day of a campaign was paid for, not its parts: who of those who came would be charged what is nowhere told
    select
        {{ key | join(',\n        ') }},
        visits,
        order_millionths,
        gross_revenue,
        refunded_amount,
        cast(null as numeric(18, 2)) as cost,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks
    from {{ ref('int_segment_campaigns') }}

)

select
    cast(store_id as text) as store_id,
    cast(activity_date as date) as activity_date,
    cast(segment_id as text) as segment_id,
    cast(attribution_model as text) as attribution_model,
    cast(source as text) as source,
    cast(medium as text) as medium,
    cast(campaign as text) as campaign,
    segment_id = '(store)' as is_store,
    cast(visits as bigint) as visits,
    {{ round_to(ratio('order_millionths', '1000000'), 6) }} as orders,
    cast(gross_revenue as numeric(18, 2)) as gross_revenue,
    cast(refunded_amount as numeric(18, 2)) as refunded_amount,
    cast(gross_revenue - refunded_amount as numeric(18, 2)) as net_revenue,
    cast(cost as numeric(18, 2)) as cost,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    {{ round_to(ratio('gross_revenue - refunded_amount', 'cost'), 6) }} as return_on_ad_spend,
    {{ round_to(ratio('gross_revenue - refunded_amount - cost', 'cost'), 6) }} as return_on_investment
from performance
