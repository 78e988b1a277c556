with performance as (

    select
        activity.store_id,
        activity.activity_date,
        '(store)' as segment_id,
        activity.attribution_model,
        activity.source,
        activity.medium,
        activity.campaign,
        sum(activity.visits) as visits,
        sum(activity.order_millionths) as order_millionths,
        {{ fit_money('sum(activity.gross_revenue)') }} as gross_revenue,
        {{ fit_money('sum(activity.refunded_amount)') }} as refunded_amount
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
    select
        store_id,
        activity_date,
        segment_id,
        attribution_model,
        source,
        medium,
        campaign,
        visits,
        order_millionths,
        gross_revenue,
        refunded_amount
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
    cast(gross_revenue - refunded_amount as numeric(18, 2)) as net_revenue
from performance
