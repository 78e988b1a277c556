{%- set names = ['store_id', 'activity_date', 'segment_id', 'attribution_model', 'source', 'medium', 'campaign'] %}
{%- set sums = ['visits', 'order_millionths', 'first_order_millionths', 'gross_revenue', 'refunded_amount', 'returned_amount'] %}
{%- set paid = ['cost', 'impressions', 'clicks'] %}

with told as (

    select
        activity.store_id,
        activity.activity_date,
        '(store)' as segment_id,
        activity.attribution_model,
        activity.source,
        activity.medium,
        activity.campaign,
        {%- for column in sums %}
            sum(activity.{{ column }}) as {{ column }},
        {%- endfor %}
        cast(null as numeric(18, 2)) as cost,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks
    from {{ ref('int_campaign_activity') }} as activity
    inner join {{ ref('int_daily_stores') }} as days
        on activity.store_id = days.store_id and activity.activity_date = days.activity_date
    group by
        activity.store_id,
        activity.activity_date,
        activity.attribution_model,
        activity.source,
        activity.medium,
        activity.campaign
    union all
    -- a day of a campaign was paid for, not its parts: what those of a segment cost is nowhere told
    select
        spending.store_id,
        spending.activity_date,
        '(store)' as segment_id,
        '' as attribution_model,
        spending.source,
        spending.medium,
        spending.campaign,
        {%- for column in sums %}
            0 as {{ column }},
        {%- endfor %}
        spending.cost,
        spending.impressions,
        spending.clicks
    from {{ ref('int_campaign_costs') }} as spending
    inner join {{ ref('int_daily_stores') }} as days
        on spending.store_id = days.store_id and spending.activity_date = days.activity_date
    union all
    select
        {{ (names + sums) | join(',\n        ') }},
        cast(null as numeric(18, 2)) as cost,
        cast(null as bigint) as impressions,
        cast(null as bigint) as clicks
    from {{ ref('int_segment_campaigns') }}

),

-- each model divides all revenue of the store, so each has all visits and is held against all that was paid
of_models as (

    select
        {{ (names + sums + paid) | join(',\n        ') }}
    from told
    where attribution_model <> ''
    union all
    select
        told.store_id,
        told.activity_date,
        told.segment_id,
        models.attribution_model,
        told.source,
        told.medium,
        told.campaign,
        told.{{ (sums + paid) | join(',\n        told.') }}
    from told
    cross join {{ ref('attribution_models') }} as models
    where told.attribution_model = ''

),

performance as (

    select
        {{ names | join(',\n        ') }},
        sum(visits) as visits,
        sum(order_millionths) as order_millionths,
        sum(first_order_millionths) as first_order_millionths,
        {{ fit_money('sum(gross_revenue)') }} as gross_revenue,
        {{ fit_money('sum(refunded_amount)') }} as refunded_amount,
        {{ fit_money('sum(returned_amount)') }} as returned_amount,
        max(cost) as cost,
        max(impressions) as impressions,
        max(clicks) as clicks
    from of_models
    group by {{ names | join(', ') }}

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
    {{ round_to(ratio('first_order_millionths', '1000000'), 6) }} as new_customers,
    cast(gross_revenue as numeric(18, 2)) as gross_revenue,
    cast(refunded_amount as numeric(18, 2)) as refunded_amount,
    cast(gross_revenue - refunded_amount as numeric(18, 2)) as net_revenue,
    cast(returned_amount as numeric(18, 2)) as returned_amount,
    cast(gross_revenue - returned_amount as numeric(18, 2)) as kept_revenue,
    cast(cost as numeric(18, 2)) as cost,
    cast(impressions as bigint) as impressions,
    cast(clicks as bigint) as clicks,
    {{ round_to(ratio('gross_revenue - returned_amount', 'cost'), 6) }} as return_on_ad_spend,
    {{ round_to(ratio('gross_revenue - returned_amount - cost', 'cost'), 6) }} as return_on_investment
from performance
