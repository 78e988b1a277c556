with judged as (

    select
        people.store_id,
        destinations.destination_id,
        people.customer_id,
        destinations.channel,
        people.gdpr_consent,
        people.email_identifier,
        people.phone_identifier,
        case
            when people.do_not_track then 'do_not_track'
            when destinations.channel in ('email', 'ads') and people.is_unsubscribed then 'unsubscribed'
            when people.gdpr_consent = false then 'consent_refused'
            when destinations.needs_gdpr_consent and people.gdpr_consent is null then 'no_consent'
            when destinations.channel = 'email' and not people.email_subscribed then 'not_subscribed'
            when destinations.channel = 'sms' and not people.sms_subscribed then 'not_subscribed'
            when destinations.channel = 'email' and people.email_identifier is null then 'no_address'
            when destinations.channel = 'sms' and people.phone_identifier is null then 'no_address'
            when people.email_identifier is null and people.phone_identifier is null then 'no_address'
        end as reason
    from {{ ref('int_contact_permissions') }} as people
    inner join {{ ref('int_export_destinations') }} as destinations on people.store_id = destinations.store_id

)

select
    store_id,
    destination_id,
    customer_id,
    channel,
    gdpr_consent,
    reason,
    case when channel in ('email', 'ads') then email_identifier end as email_identifier,
    case when channel in ('sms', 'ads') then phone_identifier end as phone_identifier,
    reason is null as is_allowed
from judged
