with messages as (

    -- who a message was sent to: the person, else the device or address that answers
    select
        events.store_id,
        events.event_id,
        events.occurred_at,
        split_part(events.event_type, '_', 1) as channel,
        events.event_type in ('email_sent', 'sms_sent') as is_sent,
        events.event_type in ('email_click', 'sms_click') as is_click,
        coalesce(identities.customer_id, '') as customer_id,
        coalesce(identities.customer_id, events.device_id) as recipient
    from {{ ref('int_events_enriched') }} as events
    left join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where
        events.fate = 'accepted'
        and events.event_type in ('email_sent', 'email_open', 'email_click', 'sms_sent', 'sms_open', 'sms_click')

),

-- nothing says which message was opened: it is the last one that was sent before, on the same channel
numbered as (

    select
        *,
        sum(case when is_sent then 1 else 0 end) over sent_so_far as message_number,
        max(case when is_sent then occurred_at end) over sent_so_far as sent_at
    from messages
    window sent_so_far as (
        partition by store_id, recipient, channel
        order by occurred_at, case when is_sent then 0 else 1 end, {{ byte_order('event_id') }}
        rows between unbounded preceding and current row
    )

)

select
    numbered.store_id,
    max(case when numbered.is_sent then numbered.event_id end) as message_id,
    numbered.customer_id,
    numbered.channel,
    numbered.sent_at,
    cast({{ local_time('numbered.sent_at', 'stores.timezone') }} as date) as sent_date,
    -- a click opens it too, also where the program that shows it does not tell
    bool_or(not numbered.is_sent and numbered.occurred_at < {{ shift_time('numbered.sent_at', 7, 'day') }}) as is_opened,
    bool_or(numbered.is_click and numbered.occurred_at < {{ shift_time('numbered.sent_at', 7, 'day') }}) as is_clicked
from numbered
inner join {{ ref('stg_stores') }} as stores on numbered.store_id = stores.store_id
where numbered.message_number > 0
group by
    numbered.store_id,
    stores.timezone,
    numbered.customer_id,
    numbered.recipient,
    numbered.channel,
    numbered.message_number,
    numbered.sent_at
