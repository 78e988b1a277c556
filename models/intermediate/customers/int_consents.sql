{{ config(materialized='view') }}

with records as (

    select
        identities.customer_id,
        customers.store_id,
        customers.email_subscribed,
        customers.email_subscribed_at,
        customers.sms_subscribed,
        customers.gdpr_consent,
        customers.gdpr_consent_at,
        -- when a record says what it says of each consent
        greatest(customers.updated_at, customers.created_at, customers.email_subscribed_at) as email_stated_at,
        greatest(customers.updated_at, customers.created_at) as sms_stated_at,
        greatest(customers.updated_at, customers.created_at, customers.gdpr_consent_at) as gdpr_stated_at
    from {{ ref('stg_customers') }} as customers
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('customers', identifier_of({'customer': 'customers.source_customer_id'})) }}

),

dated_records as (

    select
        *,
        max(case when email_subscribed is not null then email_stated_at end) over (partition by store_id, customer_id) as email_last_at,
        max(case when sms_subscribed is not null then sms_stated_at end) over (partition by store_id, customer_id) as sms_last_at,
        max(case when gdpr_consent is not null then gdpr_stated_at end) over (partition by store_id, customer_id) as gdpr_last_at
    from records

),

consents as (

    -- the latest word counts, and of those of which none is later the stricter: one without a time may be the latest
    select
        store_id,
        customer_id,
        bool_and(case when coalesce(email_stated_at = email_last_at, true) then email_subscribed end) as email_subscribed,
        max(email_last_at) as email_stated_at,
        bool_and(case when coalesce(sms_stated_at = sms_last_at, true) then sms_subscribed end) as sms_subscribed,
        bool_and(case when coalesce(gdpr_stated_at = gdpr_last_at, true) then gdpr_consent end) as gdpr_consent
    from dated_records
    group by store_id, customer_id

)

select
    consents.store_id,
    consents.customer_id,
    consents.email_subscribed,
    consents.email_stated_at,
    consents.sms_subscribed,
    consents.gdpr_consent,
    -- since when, by the records that say the same
    max(case when records.email_subscribed = consents.email_subscribed then records.email_subscribed_at end) as email_subscribed_at,
    max(case when records.gdpr_consent = consents.gdpr_consent then records.gdpr_consent_at end) as gdpr_consent_at
from consents
inner join records on consents.store_id = records.store_id and consents.customer_id = records.customer_id
group by
    consents.store_id, consents.customer_id, consents.email_subscribed, consents.email_stated_at, consents.sms_subscribed,
    consents.gdpr_consent
