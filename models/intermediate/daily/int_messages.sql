{{ config(**by_person(indexes=[])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

messages as (

    -- who a message was sent to: the person, else the device or address that answers
    select
        events.store_id,
        events.event_id,
        events.occurred_at,
        events.campaign,
        split_part(events.event_type, '_', 1) as channel,
        events.event_type in ('email_sent', 'sms_sent') as is_told_sent,
        case
            when events.event_type in ('email_sent', 'sms_sent') then 1
            when events.event_type in ('email_delivered', 'sms_delivered') then -1
            else 0
        end as in_transit,
        events.event_type in ('email_click', 'sms_click') as is_click,
        coalesce(identities.customer_id, '') as customer_id,
        coalesce(identities.customer_id, events.device_id) as recipient
    from {{ ref('int_events_enriched') }} as events
    left join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where
        events.fate = 'accepted'
        and events.event_type in (
            'email_sent', 'email_delivered', 'email_open', 'email_click', 'sms_sent', 'sms_delivered', 'sms_open', 'sms_click'
        )
        and {{ is_of_changed(is_incremental(), 'events.store_id', "coalesce(identities.customer_id, '')") }}

),

-- sent less delivered so far
sums as (

    select
        *,
        sum(in_transit) over (
            partition by store_id, recipient, channel
            order by occurred_at, in_transit desc, {{ byte_order('event_id') }}
            rows between unbounded preceding and current row
        ) as balance
    from messages

),

-- a delivery is of a message that was sent before, if one is left: else, where the sum is lower than ever, it tells of one itself
told_once as (

    select
        *,
        is_told_sent or (in_transit = -1 and balance < least(0, min(balance) over (
            partition by store_id, recipient, channel
            order by occurred_at, in_transit desc, {{ byte_order('event_id') }}
            rows between unbounded preceding and 1 preceding
        ))) as is_sent
    from sums

),

-- nothing says which message was opened: it is the last one that was sent before, on the same channel
numbered as (

    select
        *,
        sum(case when is_sent then 1 else 0 end) over sent_so_far as message_number,
        max(case when is_sent then occurred_at end) over sent_so_far as sent_at
    from told_once
    window sent_so_far as (
        partition by store_id, recipient, channel
        order by occurred_at, case when is_sent then 0 else 1 end, {{ byte_order('event_id') }}
        rows between unbounded preceding and current row
    )

),

answered as (

    select
        store_id,
        customer_id,
        recipient,
        channel,
        message_number,
        max(case when is_sent then event_id end) as message_id,
        max(case when is_sent then campaign end) as campaign,
        max(sent_at) as sent_at,
        -- a click opens it too, also where the program that shows it does not tell
        bool_or(in_transit = 0 and occurred_at < {{ shift_time('sent_at', 7, 'day') }}) as is_opened,
        bool_or(is_click and occurred_at < {{ shift_time('sent_at', 7, 'day') }}) as is_clicked
    from numbered
    where message_number > 0
    group by store_id, customer_id, recipient, channel, message_number

),

-- one conversion of time zones serves a quarter of an hour, see int_visitor_days
quarter_hours as (

    select
        answered.store_id,
        {{ quarter_hour('answered.sent_at') }} as quarter_hour,
        cast({{ local_time('min(answered.sent_at)', 'stores.timezone') }} as date) as sent_date
    from answered
    inner join {{ ref('stg_stores') }} as stores on answered.store_id = stores.store_id
    group by answered.store_id, stores.timezone, {{ quarter_hour('answered.sent_at') }}

)

select
    answered.store_id,
    answered.message_id,
    answered.customer_id,
    answered.channel,
    answered.sent_at,
    quarter_hours.sent_date,
    answered.is_opened,
    answered.is_clicked,
    coalesce(answered.campaign, '(none)') as campaign,
    coalesce(changed.person_version, '') as person_version
from answered
left join changed on answered.store_id = changed.store_id and answered.customer_id = changed.customer_id
inner join quarter_hours
    on answered.store_id = quarter_hours.store_id and {{ quarter_hour('answered.sent_at') }} = quarter_hours.quarter_hour
