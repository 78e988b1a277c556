{{ config(**by_person(vars=['session_max_gap_hours'], seeds=['channels', 'custom_channels'])) }}

{%- set chosen = [
    ('sessions', 'started_at', {
        'device': 'device_type', 'browser': 'browser', 'source': 'source', 'session_channel': 'channel',
        'session_hour': 'cast(cast(extract(hour from started_at_local) as integer) as text)',
        'session_weekday': 'cast(' ~ weekday('started_at_local') ~ ' as text)'
    }),
    ('orders', 'ordered_at',
     {'order_channel': 'channel', 'order_hour': 'cast(order_hour as text)', 'order_weekday': 'cast(order_weekday as text)'})
] %}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

sessions as (

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
    inner join people as identities on {{ same_person('sessions') }}
    left join {{ ref('stg_channels') }} as referrers on {{ name_key('sessions.referrer_type') }} = referrers.name_key
    left join {{ ref('stg_channels') }} as channels on {{ name_key('sessions.channel') }} = channels.name_key

),

orders as (

    select
        orders.*,
        channels.channel
    from {{ ref('int_orders') }} as orders
    left join {{ ref('stg_channels') }} as channels on {{ name_key('orders.source') }} = channels.name_key
    where
        orders.is_counted
        and orders.customer_id is not null
        and {{ is_of_changed(is_incremental(), 'orders.store_id', 'orders.customer_id') }}

),

choices as (

    -- one row per choice that a person made, and when
    {%- for table, moment, dimensions in chosen %}
        {%- set is_last = loop.last %}
        {%- for dimension, choice in dimensions.items() %}
            select
                store_id,
                customer_id,
                '{{ dimension }}' as dimension,
                {{ choice }} as choice,
                {{ moment }} as chosen_at
            from {{ table }}
            {{ 'union all' if not (loop.last and is_last) }}
        {%- endfor %}
    {%- endfor %}

),

counted as (

    select
        store_id,
        customer_id,
        dimension,
        choice,
        count(*) as times_chosen,
        max(chosen_at) as last_chosen_at
    from choices
    where choice is not null
    group by store_id, customer_id, dimension, choice

),

ranked as (

    -- the most frequent; of equals the latest, then the first by name
    select
        *,
        row_number() over (
            partition by store_id, customer_id, dimension
            order by times_chosen desc, last_chosen_at desc, {{ byte_order('choice') }}
        ) as choice_rank
    from counted

),

preferred as (

    select
        store_id,
        customer_id,
        max(case when dimension = 'order_hour' then choice end) as order_hour,
        max(case when dimension = 'order_weekday' then choice end) as order_weekday,
        max(case when dimension = 'order_channel' then choice end) as order_channel,
        max(case when dimension = 'session_hour' then choice end) as session_hour,
        max(case when dimension = 'session_weekday' then choice end) as session_weekday,
        max(case when dimension = 'session_channel' then choice end) as session_channel,
        max(case when dimension = 'device' then choice end) as preferred_device,
        max(case when dimension = 'browser' then choice end) as preferred_browser,
        max(case when dimension = 'source' then choice end) as preferred_source
    from ranked
    where choice_rank = 1
    group by store_id, customer_id

)

select
    preferred.store_id,
    preferred.customer_id,
    preferred.preferred_device,
    preferred.preferred_browser,
    preferred.preferred_source,
    cast(coalesce(preferred.order_hour, preferred.session_hour) as integer) as preferred_shopping_time,
    cast(coalesce(preferred.order_weekday, preferred.session_weekday) as integer) as shopping_day_preference,
    coalesce(preferred.session_channel, preferred.order_channel) as channel_preference,
    coalesce(changed.person_version, '') as person_version
from preferred
left join changed on preferred.store_id = changed.store_id and preferred.customer_id = changed.customer_id
