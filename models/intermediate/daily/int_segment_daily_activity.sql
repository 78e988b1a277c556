{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={'replaces': 'rows_of_changed_activity'},
    post_hook="{{ ensure_index(['store_id', 'activity_date', 'segment_id']) }}"
) }}

with activity as (

    {{ activity_of_changed_days(ref('int_daily_activity'), is_incremental(), 'activity_hash') | indent(4) }}

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
inner join {{ ref('int_segment_spells') }} as spells on {{ is_members_day() }}
group by activity.store_id, activity.activity_date, spells.segment_id, activity.day_hash
