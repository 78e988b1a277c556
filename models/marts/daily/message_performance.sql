with messages as (

    select
        messages.store_id,
        messages.sent_date,
        messages.channel,
        messages.campaign,
        count(*) as messages_sent,
        count(distinct nullif(messages.customer_id, '')) as people,
        sum(case when messages.is_opened then 1 else 0 end) as messages_opened,
        sum(case when messages.is_clicked then 1 else 0 end) as messages_clicked
    from {{ ref('int_messages') }} as messages
    inner join {{ ref('int_daily_stores') }} as days
        on messages.store_id = days.store_id and messages.sent_date = days.activity_date
    group by messages.store_id, messages.sent_date, messages.channel, messages.campaign

)

select
    cast(store_id as text) as store_id,
    cast(sent_date as date) as activity_date,
    cast(channel as text) as channel,
    cast(campaign as text) as campaign,
    cast(messages_sent as bigint) as messages_sent,
    cast(people as bigint) as people,
    cast(messages_opened as bigint) as messages_opened,
    cast(messages_clicked as bigint) as messages_clicked,
    {{ round_to(ratio('messages_opened', 'messages_sent'), 6) }} as open_rate,
    {{ round_to(ratio('messages_clicked', 'messages_sent'), 6) }} as click_rate
from messages
