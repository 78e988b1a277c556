{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={'replaces': 'rows_of_changed_activity'},
    post_hook="{{ ensure_index(['store_id', 'activity_date', 'segment_id']) }}"
) }}

with changed as (

    {{ changed_days(is_incremental(), 'activity_hash') | indent(4) }}

),

activity as (

    select
        activity.*,
        changed.day_hash
    from {{ ref('int_daily_activity') }} as activity
    inner join changed on activity.store_id = changed.store_id and activity.activity_date = changed.activity_date
    where activity.customer_id <> ''

)

select
    activity.store_id,
    activity.activity_date,
    spells.segment_id,
    {%- for count in daily_counts() %}
        cast(sum(activity.{{ count }}) as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in daily_amounts() %}
        {{ fit_money('sum(activity.' ~ amount ~ ')') }} as {{ amount }},
    {%- endfor %}
    activity.day_hash
from activity
inner join {{ ref('int_segment_spells') }} as spells
    on
        activity.store_id = spells.store_id
        and activity.customer_id = spells.customer_id
        and activity.activity_date >= spells.from_date
        and (spells.until_date is null or activity.activity_date < spells.until_date)
group by activity.store_id, activity.activity_date, spells.segment_id, activity.day_hash
