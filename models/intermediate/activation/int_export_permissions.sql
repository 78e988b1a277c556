with judged as (

    select
        people.store_id,
        destinations.destination_id,
        people.customer_id,
        destinations.channel,
        people.gdpr_consent,
        people.email_identifier,
        people.phone_identifier,
        {{ contact_refusal('people', 'destinations.channel', 'destinations.needs_gdpr_consent') }} as reason
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
