with alerts as (

    select
        *,
        row_number() over (partition by store_id order by p_value, {{ byte_order('alert_id') }}) as alert_rank
    from {{ ref('drift_alerts') }}
    where is_new

),

-- what is new was last seen on days of its own, where nights were left out
totals as (

    select
        store_id,
        max(last_seen_on) as activity_date,
        count(*) as alert_count,
        string_agg(alert_id, ' ' order by {{ byte_order('alert_id') }}) as alert_ids
    from alerts
    group by store_id

),

summaries as (

    select
        totals.*,
        {{ mrkdwn('coalesce(stores.name, totals.store_id)') }} || ': ' || cast(totals.alert_count as text)
        || case when totals.alert_count = 1 then ' number' else ' numbers' end
        || ' out of the ordinary on ' || cast(totals.activity_date as text) as title
    from totals
    inner join {{ ref('stg_stores') }} as stores on totals.store_id = stores.store_id

),

-- a message has at most fifty blocks; of more than twenty alerts it says how many there are
blocks as (

    select
        store_id,
        0 as place,
        {{ json_object({'type': "'section'", 'text': json_object({'type': "'mrkdwn'", 'text': "'*' || title || '*'"})}) }} as block
    from summaries
    union all
    select
        store_id,
        alert_rank as place,
        {{ json_object({
            'type': "'section'",
            'text': json_object({
                'type': "'mrkdwn'",
                'text': "case when alert_type = 'churn_risk' then ':warning: ' else '' end || " ~ mrkdwn('sentence')
            })
        }) }} as block
    from alerts
    where alert_rank <= 20
    union all
    select
        store_id,
        21 as place,
        {{ json_object({
            'type': "'section'",
            'text': json_object({
                'type': "'mrkdwn'", 'text': "'and ' || cast(alert_count - 20 as text) || ' more in drift_alerts'"
            })
        }) }} as block
    from summaries
    where alert_count > 20

),

messages as (

    select
        store_id,
        {{ json_list('block', 'place') }} as blocks
    from blocks
    group by store_id

)

select
    cast(summaries.store_id as text) as store_id,
    cast(md5(summaries.alert_ids) as text) as payload_id,
    cast(summaries.activity_date as date) as activity_date,
    cast(summaries.alert_count as bigint) as alert_count,
    cast({{ json_object({'text': 'summaries.title', 'blocks': 'messages.blocks'}) }} as {{ json_type() }}) as payload,
    {{ as_of() }} as updated_at
from summaries
inner join messages on summaries.store_id = messages.store_id
