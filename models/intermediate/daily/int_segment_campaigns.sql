{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={'replaces': 'rows_of_changed_campaigns'},
    post_hook="{{ ensure_index(['store_id', 'activity_date', 'segment_id']) }}"
) }}

with changed as (

    {{ changed_days(is_incremental(), 'campaigns_hash') | indent(4) }}

),

activity as (

    select
        activity.*,
        changed.day_hash
    from {{ ref('int_campaign_activity') }} as activity
    inner join changed on activity.store_id = changed.store_id and activity.activity_date = changed.activity_date
    where activity.customer_id <> ''

)

select
    activity.store_id,
    activity.activity_date,
    spells.segment_id,
    activity.attribution_model,
    activity.source,
    activity.medium,
    activity.campaign,
    activity.day_hash,
    cast(sum(activity.visits) as bigint) as visits,
    cast(sum(activity.order_millionths) as bigint) as order_millionths,
    {{ fit_money('sum(activity.gross_revenue)') }} as gross_revenue,
    {{ fit_money('sum(activity.refunded_amount)') }} as refunded_amount
from activity
inner join {{ ref('int_segment_spells') }} as spells
    on
        activity.store_id = spells.store_id
        and activity.customer_id = spells.customer_id
        and activity.activity_date >= spells.from_date
        and (spells.until_date is null or activity.activity_date < spells.until_date)
group by
    activity.store_id,
    activity.activity_date,
    spells.segment_id,
    activity.attribution_model,
    activity.source,
    activity.medium,
    activity.campaign,
    activity.day_hash
