{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

identified_days as (

    select
        store_id,
        person_identifier,
        activity_date
    from {{ ref('int_visitor_days') }}
    union all
    select
        store_id,
        person_identifier,
        cast(started_at_local as date) as activity_date
    from {{ ref('int_sessions') }}
    where not has_events

),

days as (

    select
        days.store_id,
        identities.customer_id,
        days.activity_date
    from identified_days as days
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('days') }}
    union all
    select
        store_id,
        customer_id,
        activity_date
    from {{ ref('int_order_days') }}

),

-- days only leave windows while nothing new is known of the person, so that a number of them tells whether one did
windows as (

    select
        days.store_id,
        days.customer_id,
        {%- for window in [7, 14, 30, 60, 90] %}
            {{ '+ ' if not loop.first }}sum(case when stores.today - days.activity_date < {{ window }} then 1 else 0 end)
        {%- endfor %} as days_in_windows
    from days
    inner join stores on days.store_id = stores.store_id
    where stores.today - days.activity_date < 90
    group by days.store_id, days.customer_id

)

select
    versions.store_id,
    versions.customer_id,
    versions.person_version || ':' || cast(coalesce(windows.days_in_windows, 0) as text) as person_version
from {{ ref('int_person_versions') }} as versions
left join windows on versions.store_id = windows.store_id and versions.customer_id = windows.customer_id
