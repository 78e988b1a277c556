{%- set of_segments = ['visits', 'visits_with_order', 'orders', 'unvalued_orders', 'gross_revenue'] %}

with calendar as (

    -- a day that is not over is held against none; of those before a year, and the weeks before these, nothing is read
    select
        days.store_id,
        days.activity_date,
        days.visits,
        days.visits_with_order,
        days.orders,
        days.unvalued_orders,
        days.gross_revenue,
        days.refunds,
        days.new_customers,
        -- what tonight found is of the last day that is over, as what each night before found was
        days.activity_date
        + cast({{ day_of_night('stores.timezone') }} - {{ as_of_date('stores.timezone') }} as integer) + 1 as night_date
    from {{ ref('int_daily_stores') }} as days
    inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
    where
        days.activity_date < {{ as_of_date('stores.timezone') }}
        and days.activity_date >= {{ as_of_date('stores.timezone') }} - 520

),

-- who moved is seen by a night, of all days since the one before
nights as (

    select
        store_id,
        activity_date,
        {{ days_between('lag(activity_date) over (partition by store_id order by activity_date)', 'activity_date') }} as days_seen
    from (
        select distinct
            store_id,
            activity_date
        from {{ ref('int_segment_nights') }}
    ) as dates

),

of_stores as (

    select
        calendar.*,
        '(store)' as segment_id,
        coalesce(nights.days_seen, 0) as days_seen,
        coalesce(declines.people, 0) as valuable_declining
    from calendar
    left join nights on calendar.store_id = nights.store_id and calendar.night_date = nights.activity_date
    left join {{ ref('int_valuable_declines') }} as declines
        on calendar.store_id = declines.store_id and calendar.night_date = declines.activity_date

),

-- those of rules and lists: who is in one that a model finds moves with every fit, see archetype_migration and feature_drift
segments as (

    select
        moves.store_id,
        moves.segment_id,
        min(moves.activity_date) as first_date
    from {{ ref('int_segment_moves') }} as moves
    inner join {{ ref('int_segments') }} as definitions
        on
            moves.segment_id = definitions.segment_id
            and (definitions.store_id is null or moves.store_id = definitions.store_id)
    where definitions.status = 'active'
    group by moves.store_id, moves.segment_id

),

-- with its first members a segment began, and nobody joined it
of_segments as (

    select
        calendar.store_id,
        calendar.activity_date,
        segments.segment_id,
        calendar.orders as store_orders,
        calendar.days_seen,
        {%- for column in of_segments %}
            coalesce(activity.{{ column }}, 0) as {{ column }},
        {%- endfor %}
        coalesce(moves.members_joined, 0) as members_joined,
        coalesce(moves.members_left, 0) as members_left
    from of_stores as calendar
    inner join segments on calendar.store_id = segments.store_id and calendar.activity_date > segments.first_date
    left join {{ ref('int_segment_daily_activity') }} as activity
        on
            calendar.store_id = activity.store_id
            and calendar.activity_date = activity.activity_date
            and segments.segment_id = activity.segment_id
    left join {{ ref('int_segment_moves') }} as moves
        on
            calendar.store_id = moves.store_id
            and calendar.night_date = moves.activity_date
            and segments.segment_id = moves.segment_id

),

series as (

    {%- for table, watched in {'of_stores': watched_of_stores(), 'of_segments': watched_of_segments()}.items() %}
        {%- set last_table = loop.last %}
        {%- for metric, (kind, observed, exposure) in watched.items() %}
            select
                store_id,
                segment_id,
                '{{ metric }}' as metric,
                '{{ kind }}' as kind,
                activity_date,
                {{ observed }} as observed,
                {{ exposure }} as exposure
            from {{ table }}
            {{ 'union all' if not (last_table and loop.last) }}
        {%- endfor %}
    {%- endfor %}

)

select
    store_id,
    segment_id,
    metric,
    kind,
    activity_date,
    cast(greatest(observed, 0) as numeric(18, 2)) as observed,
    cast(exposure as bigint) as exposure
from series
