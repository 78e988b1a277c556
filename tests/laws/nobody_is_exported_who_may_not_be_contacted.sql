-- If this fails, somebody is handed to a tool who may not be contacted there: who asked not to be tracked, under any identifier;
-- who unsubscribed, by a record or an event; who refused consent, or did not give it where it is needed; who never asked for the
-- channel; or under an address that is not theirs alone, because a
-- record of somebody else has it. Or more is told of somebody than the tool may know.
with exported as (

    select
        exports.*,
        destinations.needs_gdpr_consent
    from {{ ref('marketing_export') }} as exports
    left join {{ ref('export_destinations') }} as destinations on exports.destination_id = destinations.destination_id
    where exports.is_exported

),

opted_out as (

    select
        identities.store_id,
        identities.customer_id
    from {{ ref('stg_customers') }} as records
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('records', identifier_of({'customer': 'records.source_customer_id'})) }}
    where records.do_not_track
    union
    select
        identities.store_id,
        identities.customer_id
    from {{ ref('int_untracked') }} as untracked
    inner join {{ ref('customer_identities') }} as identities
        on untracked.store_id = identities.store_id and untracked.identifier = identities.identifier

),

addresses as (

    -- hashes of what records name, which all destinations have, and whose records they are
    select
        records.store_id,
        identities.customer_id,
        unnest(cast(array[{{ sha256_hex('records.email') }}, {{ sha256_hex('records.phone') }}] as text[])) as address_sha256
    from {{ ref('stg_customers') }} as records
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('records', identifier_of({'customer': 'records.source_customer_id'})) }}

),

told as (

    select
        store_id,
        destination_id,
        contact_key,
        customer_id,
        unnest(cast(array[email_sha256, phone_sha256] as text[])) as address_sha256
    from exported

),

named_by_others as (

    select distinct
        told.store_id,
        told.destination_id,
        told.contact_key
    from told
    inner join addresses
        on
            told.store_id = addresses.store_id
            and told.address_sha256 = addresses.address_sha256
            and told.customer_id <> addresses.customer_id

),

judged as (

    select
        exported.store_id,
        exported.destination_id,
        exported.customer_id,
        case
            when people.customer_id is null then 'there is no such person'
            when exported.destination_id is null or exported.needs_gdpr_consent is null then 'there is no such destination'
            when opted_out.customer_id is not null then 'asked not to be tracked'
            when consents.gdpr_consent = false then 'refused consent'
            when exported.needs_gdpr_consent and consents.gdpr_consent is null then 'did not give consent'
            when exported.channel <> 'sms' and consents.email_subscribed = false then 'unsubscribed'
            when
                exported.channel <> 'sms'
                and totals.last_unsubscribe_date
                >= coalesce(cast(consents.email_stated_at as date), totals.last_unsubscribe_date)
                then 'unsubscribed by an event'
            when exported.channel = 'email' and consents.email_subscribed is null then 'never asked for e-mail'
            when exported.channel = 'sms' and (consents.sms_subscribed is null or not consents.sms_subscribed)
                then 'never asked for text messages'
            when exported.channel = 'email' and emails.customer_id is null then 'the address is not theirs alone'
            when exported.channel = 'sms' and phones.customer_id is null then 'the number is not theirs alone'
            when named_by_others.contact_key is not null then 'a record of somebody else has the address'
            when exported.channel = 'ads' and (exported.email is not null or exported.phone is not null)
                then 'an ad platform would know an address'
            when exported.is_neutral and (exported.attributes is not null or exported.first_name is not null)
                then 'more than hashes is told'
        end as reason
    from exported
    left join {{ ref('int_customers') }} as people
        on exported.store_id = people.store_id and exported.customer_id = people.customer_id
    left join {{ ref('int_consents') }} as consents
        on exported.store_id = consents.store_id and exported.customer_id = consents.customer_id
    left join {{ ref('int_activity_totals') }} as totals
        on exported.store_id = totals.store_id and exported.customer_id = totals.customer_id
    left join opted_out on exported.store_id = opted_out.store_id and exported.customer_id = opted_out.customer_id
    left join named_by_others
        on
            exported.store_id = named_by_others.store_id
            and exported.destination_id = named_by_others.destination_id
            and exported.contact_key = named_by_others.contact_key
    left join {{ ref('customer_identities') }} as emails
        on
            exported.store_id = emails.store_id
            and {{ identifier_of({'email': 'exported.email'}) }} = emails.identifier
            and exported.customer_id = emails.customer_id
            and emails.status = 'ok'
    left join {{ ref('customer_identities') }} as phones
        on
            exported.store_id = phones.store_id
            and {{ identifier_of({'phone': 'exported.phone'}) }} = phones.identifier
            and exported.customer_id = phones.customer_id
            and phones.status = 'ok'

)

select
    store_id,
    destination_id,
    customer_id,
    reason
from judged
where reason is not null
union all
select
    store_id,
    destination_id,
    customer_id,
    'is handed over twice' as reason
from exported
group by store_id, destination_id, customer_id
having count(*) > 1
union all
select
    store_id,
    destination_id,
    customer_id,
    'more is told of who is removed than their address' as reason
from {{ ref('marketing_export') }}
where
    not is_exported
    and (attributes is not null or first_name is not null or last_name is not null or city is not null or segment_ids is not null)
