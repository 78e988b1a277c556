{%- set chosen = [
    ('sessions', 'started_at', {
        'device': 'device_type', 'browser': 'browser', 'source': 'source', 'session_channel': 'channel',
        'session_hour': 'cast(cast(extract(hour from started_at_local) as integer) as text)',
        'session_weekday': 'cast(' ~ weekday('started_at_local') ~ ' as text)'
    }),
    ('orders', 'ordered_at', {
        'order_channel': 'channel', 'order_hour': 'cast(order_hour as text)', 'order_weekday': 'cast(order_weekday as text)'
    })
] %}

with sessions as (

    select
        sessions.store_id,
        identities.customer_id,
        sessions.started_at,
        sessions.device_type,
        sessions.browser,
        sessions.source,
        sessions.started_at_local,
        -- both as the vocabulary of channels calls them; what it does not know is no channel
        coalesce(referrers.channel, channels.channel) as channel
    from {{ ref('int_sessions') }} as sessions
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    left join {{ ref('stg_channels') }} as referrers on {{ name_key('sessions.referrer_type') }} = referrers.name_key
    left join {{ ref('stg_channels') }} as channels on {{ name_key('sessions.channel') }} = channels.name_key

),

orders as (

    select
        orders.*,
        channels.channel
    from {{ ref('int_orders') }} as orders
    left join {{ ref('stg_channels') }} as channels on {{ name_key('orders.source') }} = channels.name_key
    where orders.is_counted and orders.customer_id is not null

),

choices as (

    -- one row per choice that a person made, and when
    {%- for table, moment, dimensions in chosen %}
        {%- for dimension, choice in dimensions.items() %}
            select
                store_id,
                customer_id,
                '{{ dimension }}' as dimension,
                {{ choice }} as choice,
                {{ moment }} as chosen_at,
                0 as worth
            from {{ table }}
            union all
        {%- endfor %}
    {%- endfor %}
    select
        discoveries.store_id,
        discoveries.customer_id,
        discoveries.dimension,
        discoveries.method as choice,
        discoveries.discovered_at as chosen_at,
        coalesce(discoveries.attribution_value, 0) as worth
    from {{ ref('int_product_discoveries') }} as discoveries

),

counted as (

    select
        store_id,
        customer_id,
        dimension,
        choice,
        sum(worth) as worth,
        count(*) as times_chosen,
        max(chosen_at) as last_chosen_at
    from choices
    where choice is not null
    group by store_id, customer_id, dimension, choice

),

ranked as (

    -- what most money is attributed to, where any is, then the most frequent; of equals the latest, then the first by name
    select
        *,
        row_number() over (
            partition by store_id, customer_id, dimension
            order by worth desc, times_chosen desc, last_chosen_at desc, {{ byte_order('choice') }}
        ) as choice_rank
    from counted

)

select
    store_id,
    customer_id,
    cast(coalesce(
        max(case when dimension = 'order_hour' then choice end), max(case when dimension = 'session_hour' then choice end)
    ) as integer) as preferred_shopping_time,
    cast(coalesce(
        max(case when dimension = 'order_weekday' then choice end), max(case when dimension = 'session_weekday' then choice end)
    ) as integer) as shopping_day_preference,
    max(case when dimension = 'device' then choice end) as preferred_device,
    max(case when dimension = 'browser' then choice end) as preferred_browser,
    max(case when dimension = 'source' then choice end) as preferred_source,
    coalesce(
        max(case when dimension = 'session_channel' then choice end), max(case when dimension = 'order_channel' then choice end)
    ) as channel_preference,
    coalesce(
        max(case when dimension = 'attribution' then choice end), max(case when dimension = 'discovery' then choice end)
    ) as product_discovery_method
from ranked
where choice_rank = 1
group by store_id, customer_id
