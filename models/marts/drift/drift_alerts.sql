{%- set words = {
    'visits': 'Visits',
    'orders': 'Orders',
    'new_customers': 'First orders',
    'refunds': 'Refunds',
    'conversion_rate': 'Visits that led to an order',
    'avg_order_value': 'Value of an order',
    'valuable_declining': 'Valuable customers who began to decline',
    'members_joined': 'People who joined',
    'members_left': 'People who left',
    'feature_drift': 'Customers differ from those of'
} -%}

with alerts as (

    select
        *,
        case when scope = 'segment' then subject end as segment_id,
        case when scope = 'feature' then split_part(subject, '.', 1) end as axis_name,
        case when scope = 'feature' then split_part(subject, '.', 2) end as feature
    from {{ ref('int_drift_durations') }}

),

-- a night tells what was found since the one before, if days or nights were left out too
nights as (

    select
        store_id,
        max(as_of) as as_of
    from {{ ref('segment_engagement') }}
    where as_of < {{ as_of() }}
    group by store_id

),

named as (

    select
        alerts.*,
        stores.currency,
        cast({{ local_time('nights.as_of', 'stores.timezone') }} as date) - 1 as told_until_date,
        {{ as_of_date('stores.timezone') }} - 1 as last_date,
        coalesce(segments.name, alerts.segment_id) as segment_name,
        coalesce(features.meaning, replace(alerts.feature, '_', ' ')) as meaning,
        case alerts.metric
            {%- for metric, text in words.items() %}
                when '{{ metric }}' then '{{ text }}'
            {%- endfor %}
        end as words,
        case
            when alerts.metric in ('conversion_rate', 'avg_order_value') then {{ ratio('alerts.observed', 'alerts.exposure') }}
            else alerts.observed
        end as observed_value,
        case
            when alerts.metric in ('conversion_rate', 'avg_order_value') then {{ ratio('alerts.expected', 'alerts.exposure') }}
            else alerts.expected
        end as expected_value
    from alerts
    inner join {{ ref('stg_stores') }} as stores on alerts.store_id = stores.store_id
    left join nights on alerts.store_id = nights.store_id
    left join {{ ref('int_segments') }} as segments
        on
            alerts.segment_id = segments.segment_id
            and (segments.store_id is null or alerts.store_id = segments.store_id)
    left join {{ ref('feature_words') }} as features on alerts.feature = features.feature

),

-- numbers as a shopkeeper writes them
spelled as (

    select
        *,
        {{ round_to(ratio('observed_value - expected_value', 'expected_value'), 6) }} as relative_change,
        {%- for value in ['observed_value', 'expected_value'] %}
            case
                when metric = 'conversion_rate' then cast({{ rounded_as('numeric(18, 1)', '(100 * ' ~ value ~ ')', 1) }} as text) || '%'
                when metric = 'avg_order_value' then cast({{ money(value) }} as text) || coalesce(' ' || currency, '')
                when metric = 'feature_drift' then cast({{ rounded_as('numeric(18, 2)', value, 2) }} as text)
                when {{ value }} < 9.5 and {{ value }} <> {{ round_to(value, 0) }}
                    then cast({{ rounded_as('numeric(18, 1)', value, 1) }} as text)
                else cast({{ rounded_as('bigint', value, 0) }} as text)
            end as {{ value }}_text,
        {%- endfor %}
        case
            when span_days = 1 then ' on ' || cast(activity_date as text)
            else ' in the ' || cast(span_days as text) || ' days to ' || cast(activity_date as text)
        end as span_text
    from named

)

select
    cast(store_id as text) as store_id,
    cast(alert_id as text) as alert_id,
    case when metric = 'valuable_declining' then 'churn_risk' else 'drift' end as alert_type,
    cast(scope as text) as scope,
    cast(segment_id as text) as segment_id,
    cast(axis_name as text) as axis_name,
    cast(feature as text) as feature,
    cast(metric as text) as metric,
    cast(since_date as date) as since_date,
    cast(first_seen_on as date) as first_seen_on,
    cast(until_date as date) as last_seen_on,
    until_date = last_date as is_open,
    first_seen_on > coalesce(told_until_date, last_date - 1) as is_new,
    cast(span_days as bigint) as span_days,
    {{ round_to('observed_value', 6) }} as observed_value,
    {{ round_to('expected_value', 6) }} as expected_value,
    relative_change,
    cast(z_score as double precision) as z_score,
    {{ round_to('p_value', 10) }} as p_value,
    cast(tests as bigint) as tests,
    cast(
        case
            when metric = 'feature_drift'
                then
                    words || ' ' || cast(cast(since_date as date) as text) || ' in ' || meaning || ': an index of ' || observed_value_text
                    || ', where chance makes at most ' || expected_value_text || '.'
            else
                words
                || case
                    when segment_name is null then ''
                    when metric in ('members_joined', 'members_left') then ' ' || segment_name
                    else ' of ' || segment_name
                end
                || ': ' || observed_value_text
                || case when scope = 'segment' and metric = 'orders' then ' of the store''s ' || cast(exposure as text) else '' end
                || span_text || ', where about ' || expected_value_text || ' were to be expected'
                || case
                    when relative_change is null then ''
                    else
                        ' (' || cast({{ rounded_as('bigint', '(100 * abs(relative_change))', 0) }} as text) || '% '
                        || case when relative_change > 0 then 'more' else 'less' end || ')'
                end
                || '.'
        end as text
    ) as sentence,
    {{ as_of() }} as updated_at
from spelled
