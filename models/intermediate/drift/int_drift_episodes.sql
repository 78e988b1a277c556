with findings as (

    select
        *,
        cast(sign(observed - expected) as integer) as direction
    from {{ ref('int_drift_findings') }}

),

with_earlier as (

    select
        *,
        lag(activity_date) over (partition by store_id, subject, metric, direction order by activity_date) as earlier_date
    from findings

),

-- an alert is over once a week has not shown it
islands as (

    select
        *,
        sum(case when activity_date - earlier_date <= 7 then 0 else 1 end) over (
            partition by store_id, subject, metric, direction order by activity_date rows between unbounded preceding and current row
        ) as island
    from with_earlier

),

episodes as (

    select
        *,
        min(activity_date) over (partition by store_id, subject, metric, direction, island) as first_seen_on,
        first_value(since_date) over (
            partition by store_id, subject, metric, direction, island order by activity_date
        ) as first_since_date,
        row_number() over (
            partition by store_id, subject, metric, direction, island order by activity_date desc
        ) as recency_rank
    from islands

)

select
    store_id,
    md5({{ composed_key([
        'store_id', 'subject', 'metric', 'cast(direction as text)', 'cast(first_seen_on as text)'
    ]) }}) as alert_id,
    scope,
    subject,
    metric,
    direction,
    activity_date,
    first_seen_on,
    first_since_date as since_date,
    span_days,
    exposure,
    observed,
    expected,
    z_score,
    p_value,
    tests
from episodes
where recency_rank = 1
