with messages as (

    -- what a person did with a message; that one was sent says nothing of the person
    select
        events.store_id,
        events.person_identifier,
        {{ channel_of_event_type('events.event_type') }} as channel,
        {{ local_time('events.occurred_at', 'stores.timezone') }} as responded_at
    from {{ ref('int_events_enriched') }} as events
    inner join {{ ref('stg_stores') }} as stores on events.store_id = stores.store_id
    where
        events.fate = 'accepted'
        and events.is_own_act
        and events.event_type in ('email_open', 'email_click', 'sms_open', 'sms_click', 'social_click', 'ad_click')

),

visits as (

    -- a visit that a message or a post led to
    select
        sessions.store_id,
        sessions.person_identifier,
        channels.channel,
        sessions.started_at_local as responded_at
    from {{ ref('int_event_sessions') }} as sessions
    inner join {{ ref('stg_channels') }} as channels on {{ name_key('sessions.medium') }} = channels.name_key
    where channels.channel in ('email', 'sms', 'social_media', 'ads')

),

responded as (

    select * from messages
    union all
    select * from visits

),

counted as (

    select
        responded.store_id,
        identities.customer_id,
        responded.channel,
        cast(extract(hour from responded.responded_at) as bigint) as hour_of_day,
        {{ weekday('responded.responded_at') }} >= 5 as is_weekend,
        count(*) as responses
    from responded
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('responded') }}
    group by
        responded.store_id, identities.customer_id, responded.channel,
        extract(hour from responded.responded_at), {{ weekday('responded.responded_at') }}

),

hours as (

    select
        store_id,
        customer_id,
        hour_of_day,
        row_number() over (partition by store_id, customer_id order by sum(responses) desc, hour_of_day) as hour_rank
    from counted
    group by store_id, customer_id, hour_of_day

),

channels as (

    select
        store_id,
        customer_id,
        channel,
        row_number() over (partition by store_id, customer_id order by sum(responses) desc, {{ byte_order('channel') }}) as channel_rank
    from counted
    group by store_id, customer_id, channel

),

sums as (

    -- rounded, because sums of doubles depend on the order of the rows
    select
        store_id,
        customer_id,
        sum(responses) as responses,
        sum(case when channel = 'email' then responses else 0 end) as email,
        sum(case when channel = 'sms' then responses else 0 end) as sms,
        sum(case when channel = 'social_media' then responses else 0 end) as social,
        sum(case when is_weekend then responses else 0 end) as weekend,
        sum(responses * cast(sin(hour_of_day * pi() / 12) as numeric(18, 10))) as sines,
        sum(responses * cast(cos(hour_of_day * pi() / 12) as numeric(18, 10))) as cosines
    from counted
    group by store_id, customer_id

)

select
    sums.store_id,
    sums.customer_id,
    channels.channel as primary_channel,
    hours.hour_of_day as preferred_hour,
    cast(sums.responses as bigint) as responses,
    {{ round_to(ratio('sums.email', 'sums.responses'), 6) }} as email_share,
    {{ round_to(ratio('sums.sms', 'sums.responses'), 6) }} as sms_share,
    {{ round_to(ratio('sums.social', 'sums.responses'), 6) }} as social_share,
    case when sums.responses >= 2 then {{ round_to(ratio('sums.sines', 'sums.responses'), 6) }} end as preferred_hour_sine,
    case when sums.responses >= 2 then {{ round_to(ratio('sums.cosines', 'sums.responses'), 6) }} end as preferred_hour_cosine,
    {{ round_to(ratio('sums.weekend', 'sums.responses'), 6) }} as event_weekend_ratio
from sums
inner join hours on sums.store_id = hours.store_id and sums.customer_id = hours.customer_id and hours.hour_rank = 1
inner join channels on sums.store_id = channels.store_id and sums.customer_id = channels.customer_id and channels.channel_rank = 1
