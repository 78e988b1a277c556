with features as (

    select
        drift.store_id,
        'feature' as scope,
        drift.axis_name || '.' || drift.feature as feature_name,
        -- an hour of the day is two features, and one thing to tell
        drift.axis_name || '.' || case
            when drift.feature in ('preferred_hour_sine', 'preferred_hour_cosine') then 'preferred_hour' else drift.feature
        end as subject,
        'feature_drift' as metric,
        {{ local_time('drift.as_of', 'stores.timezone') }} as local_as_of,
        drift.as_of,
        drift.reference_as_of,
        drift.people,
        drift.psi,
        drift.threshold,
        drift.z_score,
        drift.p_value
    from {{ ref('int_feature_drift') }} as drift
    inner join {{ ref('stg_stores') }} as stores on drift.store_id = stores.store_id

),

-- the last night of a day stands for the last day that was over
of_features as (

    select
        *,
        cast(local_as_of as date) - 1 as activity_date,
        row_number() over (partition by store_id, feature_name, cast(local_as_of as date) order by as_of desc) as recency_rank
    from features

),

tests as (

    select
        store_id,
        case when segment_id = '(store)' then 'store' else 'segment' end as scope,
        segment_id as subject,
        metric,
        activity_date,
        activity_date - span_days + 1 as since_date,
        span_days,
        exposure,
        observed,
        expected,
        z_score,
        p_value
    from {{ ref('int_drift_tests') }}
    union all
    select
        store_id,
        scope,
        subject,
        metric,
        activity_date,
        cast(reference_as_of as date) as since_date,
        cast(null as integer) as span_days,
        people as exposure,
        psi as observed,
        threshold as expected,
        z_score,
        -- of many people the smallest difference is none of chance, and none to tell of
        case when psi >= 0.1 then p_value else 1 end as p_value
    from of_features
    -- nor what moves for all at once: with the calendar, the catalogue, or the store's best
    where
        recency_rank = 1
        and subject not in (
            'customer_maturity.tenure_days', 'customer_maturity.maturity_score', 'product_knowledge.mastery',
            'category_exploration.category_diversity'
        )

),

-- Benjamini and Hochberg 1995: the largest rank up to which chances are small enough for it, among all that was tested of the day
ranked as (

    select
        *,
        count(*) over (partition by store_id, activity_date) as tests,
        row_number() over (
            partition by store_id, activity_date
            order by p_value, abs(z_score) desc, {{ byte_order('subject') }}, metric, span_days, observed, expected
        ) as p_rank
    from tests

),

told as (

    select
        *,
        max(case when p_value <= {{ var('false_alarm_rate') }} * p_rank / cast(tests as double precision) then p_rank end) over (
            partition by store_id, activity_date
        ) as last_rank
    from ranked

),

-- of the spans of days of one number, and of the two features of one thing, the one that is the least by chance
found as (

    select
        *,
        row_number() over (partition by store_id, activity_date, subject, metric order by p_rank) as span_rank
    from told
    where p_rank <= last_rank

)

select
    store_id,
    scope,
    subject,
    metric,
    activity_date,
    since_date,
    span_days,
    exposure,
    observed,
    expected,
    z_score,
    p_value,
    tests
from found
where span_rank = 1
