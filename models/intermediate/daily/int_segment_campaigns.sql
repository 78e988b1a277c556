{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={'replaces': 'rows_of_changed_campaigns'},
    post_hook="{{ ensure_index(['store_id', 'activity_date', 'segment_id']) }}"
) }}

with activity as (

    {{ activity_of_changed_days(ref('int_campaign_activity'), is_incremental(), 'campaigns_hash') | indent(4) }}

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
    cast(sum(activity.first_order_millionths) as bigint) as first_order_millionths,
    {{ fit_money('sum(activity.gross_revenue)') }} as gross_revenue,
    {{ fit_money('sum(activity.refunded_amount)') }} as refunded_amount,
    {{ fit_money('sum(activity.returned_amount)') }} as returned_amount
from activity
inner join {{ ref('int_segment_spells') }} as spells on {{ is_members_day() }}
group by
    activity.store_id,
    activity.activity_date,
    spells.segment_id,
    activity.attribution_model,
    activity.source,
    activity.medium,
    activity.campaign,
    activity.day_hash
