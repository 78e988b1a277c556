{%- set sums = ['visits', 'visits_with_order', 'valued_orders', 'gross_revenue', 'net_revenue'] %}
{%- set counted = sums + ['members', 'members_joined', 'members_left'] -%}

with whole_days as (

    select
        days.*,
        days.orders - days.unvalued_orders as valued_orders,
        days.gross_revenue - days.refunded_amount as net_revenue,
        {{ as_of_date('stores.timezone') }} - 1 as last_date
    from {{ ref('int_daily_segments') }} as days
    inner join {{ ref('stg_stores') }} as stores on days.store_id = stores.store_id
    where days.activity_date < {{ as_of_date('stores.timezone') }}

),

-- a day that is held against one with members has a row, were they all gone by then
days as (

    select
        {{ counted | join(',\n        ') }},
        store_id,
        segment_id,
        activity_date
    from whole_days
    union all
    select
        {%- for column in counted %}
            0 as {{ column }},
        {%- endfor %}
        store_id,
        segment_id,
        activity_date + 30 as activity_date
    from whole_days
    where members > 0 and activity_date + 30 <= last_date

),

-- four weeks, so that no weekday counts once more than others
months as (

    select
        {%- for column in sums %}
            sum(sum({{ column }})) over last_28_days as {{ column }},
        {%- endfor %}
        store_id,
        segment_id,
        activity_date,
        min(activity_date) over (partition by store_id, segment_id) as first_date,
        sum(members) as members,
        sum(sum(members_joined)) over to_date as joined_to_date,
        sum(sum(members_left)) over to_date as left_to_date
    from days
    group by store_id, segment_id, activity_date
    window
        to_date as (
            partition by store_id, segment_id order by activity_date rows between unbounded preceding and current row
        ),
        last_28_days as (
            partition by store_id, segment_id
            order by activity_date
            range between interval '27 days' preceding and current row
        )

),

compared as (

    select
        later.store_id,
        later.segment_id,
        later.activity_date,
        earlier.activity_date as compared_with,
        later.members as member_count,
        earlier.members as earlier_member_count,
        later.net_revenue as revenue,
        later.joined_to_date - earlier.joined_to_date as members_joined,
        later.left_to_date - earlier.left_to_date as members_left,
        {{ ratio('later.visits_with_order', 'later.visits') }} as conversion_rate,
        {{ money(ratio('later.gross_revenue', 'later.valued_orders')) }} as avg_order_value,
        -- a part of four weeks is held against none
        case when earlier.first_date <= earlier.activity_date - 27 then earlier.net_revenue end as earlier_revenue,
        case
            when earlier.first_date <= earlier.activity_date - 27
                then {{ ratio('earlier.visits_with_order', 'earlier.visits') }}
        end as earlier_conversion_rate,
        case
            when earlier.first_date <= earlier.activity_date - 27
                then {{ money(ratio('earlier.gross_revenue', 'earlier.valued_orders')) }}
        end as earlier_avg_order_value,
        {{ round_to(ratio('later.members - earlier.members', 'earlier.members'), 6) }} as customer_count_drift
    from months as later
    inner join months as earlier
        on
            later.store_id = earlier.store_id
            and later.segment_id = earlier.segment_id
            and later.activity_date = earlier.activity_date + 30
    where earlier.members > 0

),

drifts as (

    select
        *,
        {{ round_to('conversion_rate - earlier_conversion_rate', 6) }} as conversion_rate_drift,
        {{ round_to(ratio('avg_order_value - earlier_avg_order_value', 'earlier_avg_order_value'), 6) }} as aov_drift
    from compared

)

select
    cast(store_id as text) as store_id,
    cast(segment_id as text) as segment_id,
    cast(activity_date as date) as activity_date,
    cast(compared_with as date) as compared_with,
    cast(member_count as bigint) as member_count,
    cast(earlier_member_count as bigint) as earlier_member_count,
    cast(members_joined as bigint) as members_joined,
    cast(members_left as bigint) as members_left,
    {{ round_to('conversion_rate', 6) }} as conversion_rate,
    {{ round_to('earlier_conversion_rate', 6) }} as earlier_conversion_rate,
    cast(avg_order_value as numeric(18, 2)) as avg_order_value,
    cast(earlier_avg_order_value as numeric(18, 2)) as earlier_avg_order_value,
    cast(revenue as numeric(18, 2)) as revenue,
    cast(earlier_revenue as numeric(18, 2)) as earlier_revenue,
    customer_count_drift,
    conversion_rate_drift,
    aov_drift,
    abs(customer_count_drift) > 0.2
    or coalesce(abs(conversion_rate_drift) > 0.1, false)
    or coalesce(abs(aov_drift) > 0.15, false) as significant_drift
from drifts
