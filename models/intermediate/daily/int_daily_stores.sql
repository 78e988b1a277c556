with activity as (

    select
        {%- for count in daily_counts() %}
            sum({{ count }}) as {{ count }},
        {%- endfor %}
        {%- for amount in daily_amounts() %}
            {{ fit_money('sum(' ~ amount ~ ')') }} as {{ amount }},
        {%- endfor %}
        store_id,
        activity_date
    from {{ ref('int_daily_activity') }}
    group by store_id, activity_date

),

stores as (

    select
        store_id,
        {{ last_begun_date('timezone') }} as last_date
    from {{ ref('stg_stores') }}

),

calendars as (

    select
        stores.store_id,
        stores.last_date,
        greatest(min(activity.activity_date), stores.last_date - {{ var('daily_history_days') - 1 }}) as first_date
    from stores
    inner join activity on stores.store_id = activity.store_id
    group by stores.store_id, stores.last_date

),

numbers as (

    select
        store_id,
        first_date,
        {{ series_to_rows(0, days_between('first_date', 'last_date')) }} as day_number
    from calendars

),

days as (

    select
        store_id,
        first_date + cast(day_number as integer) as activity_date
    from numbers

),

-- what begins adds, what ends takes away
edges as (

    select
        store_id,
        state,
        from_date as activity_date,
        count(*) as customers
    from {{ ref('int_customer_spans') }}
    where is_customer
    group by store_id, state, from_date
    union all
    select
        store_id,
        state,
        until_date as activity_date,
        -count(*) as customers
    from {{ ref('int_customer_spans') }}
    where is_customer and until_date is not null
    group by store_id, state, until_date

),

changes as (

    -- who was something before the first day is it on that day
    select
        {%- for state in daily_states() %}
            sum(case when edges.state = '{{ state }}' then edges.customers else 0 end) as {{ state }},
        {%- endfor %}
        edges.store_id,
        greatest(edges.activity_date, calendars.first_date) as activity_date
    from edges
    inner join calendars on edges.store_id = calendars.store_id
    group by edges.store_id, greatest(edges.activity_date, calendars.first_date)

),

people as (

    select
        {%- for state in daily_states() %}
            sum(coalesce(changes.{{ state }}, 0)) over (
                partition by days.store_id order by days.activity_date rows between unbounded preceding and current row
            ) as {{ state }},
        {%- endfor %}
        days.store_id,
        days.activity_date
    from days
    left join changes on days.store_id = changes.store_id and days.activity_date = changes.activity_date

)

select
    people.store_id,
    people.activity_date,
    {%- for count in daily_counts() %}
        cast(coalesce(activity.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}
    {%- for amount in daily_amounts() %}
        cast(coalesce(activity.{{ amount }}, 0) as numeric(18, 2)) as {{ amount }},
    {%- endfor %}
    {%- for state in daily_states() %}
        cast(people.{{ state }} as bigint) as {{ state }}_customers,
    {%- endfor %}
    cast(people.{{ daily_states() | join(' + people.') }} as bigint) as total_customers
from people
left join activity on people.store_id = activity.store_id and people.activity_date = activity.activity_date
