-- If this fails, messages of campaigns are more or fewer than those of the store's day.
with of_campaigns as (

    select
        store_id,
        activity_date,
        sum(case when channel = 'email' then messages_sent else 0 end) as emails_sent,
        sum(case when channel = 'email' then messages_opened else 0 end) as emails_opened,
        sum(case when channel = 'email' then messages_clicked else 0 end) as emails_clicked,
        sum(case when channel = 'sms' then messages_sent else 0 end) as sms_sent
    from {{ ref('message_performance') }}
    group by store_id, activity_date

)

select
    days.store_id,
    days.activity_date,
    days.emails_sent,
    days.sms_sent
from {{ ref('daily_metrics') }} as days
left join of_campaigns on days.store_id = of_campaigns.store_id and days.activity_date = of_campaigns.activity_date
where
    days.is_store
    and (
        days.emails_sent <> coalesce(of_campaigns.emails_sent, 0)
        or days.emails_opened <> coalesce(of_campaigns.emails_opened, 0)
        or days.emails_clicked <> coalesce(of_campaigns.emails_clicked, 0)
        or days.sms_sent <> coalesce(of_campaigns.sms_sent, 0)
    )
