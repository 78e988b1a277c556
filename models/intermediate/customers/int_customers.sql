{%- set fields = [
    'display_name', 'avatar_url', 'city', 'state', 'country', 'timezone', 'locale', 'currency', 'tags',
    'acquisition_source', 'acquisition_campaign', 'acquired_at'
] -%}

with identities as (

    select * from {{ ref('customer_identities') }}

),

people as (

    select
        store_id,
        customer_id,
        bool_or(identifier_type <> 'anon') as is_identified,
        count(*) as identifier_count,
        {{ first_known("case when identifier_type = 'email' and status = 'ok' then identifier_value end", 'id_rank') }} as known_email,
        {{ first_known("case when identifier_type = 'phone' and status = 'ok' then identifier_value end", 'id_rank') }} as known_phone
    from (
        select
            *,
            row_number() over (
                partition by store_id, customer_id order by first_at nulls last, {{ byte_order('identifier') }}
            ) as id_rank
        from identities
    ) as ranked
    group by store_id, customer_id

),

shared as (

    -- addresses and numbers of so many customers that they are nobody's
    select
        store_id,
        identifier
    from identities
    where status = 'shared' and identifier_type in ('email', 'phone')

),

records as (

    -- the record that gives the person its id comes first, then the earliest
    select
        customers.*,
        identities.customer_id,
        case when shared_emails.identifier is null then customers.email end as own_email,
        case when shared_phones.identifier is null then customers.phone end as own_phone,
        row_number() over (
            partition by identities.store_id, identities.customer_id
            order by
                case when {{ id_of_identifier('identities.identifier') }} = identities.customer_id then 0 else 1 end,
                customers.created_at nulls last,
                {{ byte_order('customers.source_customer_id') }}
        ) as record_rank
    from {{ ref('stg_customers') }} as customers
    inner join identities
        on {{ same_person('customers', identifier_of({'customer': 'customers.source_customer_id'})) }}
    left join shared as shared_emails
        on customers.store_id = shared_emails.store_id and {{ identifier_of({'email': 'customers.email'}) }} = shared_emails.identifier
    left join shared as shared_phones
        on customers.store_id = shared_phones.store_id and {{ identifier_of({'phone': 'customers.phone'}) }} = shared_phones.identifier

),

statements as (

    -- when a record says what it says of each consent
    select
        *,
        greatest(updated_at, created_at, email_subscribed_at) as email_stated_at,
        greatest(updated_at, created_at) as sms_stated_at,
        greatest(updated_at, created_at, gdpr_consent_at) as gdpr_stated_at
    from records

),

dated_statements as (

    select
        *,
        max(case when email_subscribed is not null then email_stated_at end) over (partition by store_id, customer_id) as email_last_at,
        max(case when sms_subscribed is not null then sms_stated_at end) over (partition by store_id, customer_id) as sms_last_at,
        max(case when gdpr_consent is not null then gdpr_stated_at end) over (partition by store_id, customer_id) as gdpr_last_at
    from statements

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
    from dated_statements
    group by store_id, customer_id

),

consent_times as (

    -- since when, by the records that say the same
    select
        records.store_id,
        records.customer_id,
        max(case when records.email_subscribed = consents.email_subscribed then records.email_subscribed_at end) as email_subscribed_at,
        max(case when records.gdpr_consent = consents.gdpr_consent then records.gdpr_consent_at end) as gdpr_consent_at
    from records
    inner join consents on records.store_id = consents.store_id and records.customer_id = consents.customer_id
    group by records.store_id, records.customer_id

),

merged as (

    select
        store_id,
        customer_id,
        count(*) as record_count,
        {{ first_known('own_email', 'record_rank') }} as email,
        {{ first_known('own_phone', 'record_rank') }} as phone,
        {{ first_known('first_name', 'record_rank') }} as first_name,
        {{ first_known('last_name', 'record_rank') }} as last_name,
        {%- for field in fields %}
            {{ first_known(field, 'record_rank') }} as {{ field }},
        {%- endfor %}
        {{ first_known('metafields', 'record_rank') }} as metafields,
        -- who asks not to be tracked once is not tracked
        bool_or(coalesce(do_not_track, false)) as do_not_track,
        min(created_at) as created_at,
        max(updated_at) as updated_at
    from records
    group by store_id, customer_id

),

external_ids as (

    select
        store_id,
        customer_id,
        {{ json_object_of('id_name', 'id_value') }} as external_ids
    from (
        select
            ids.store_id,
            records.customer_id,
            ids.id_name,
            ids.id_value,
            row_number() over (partition by ids.store_id, records.customer_id, ids.id_name order by records.record_rank) as id_rank
        from {{ ref('int_external_ids') }} as ids
        inner join records on ids.store_id = records.store_id and ids.source_customer_id = records.source_customer_id
    ) as ranked
    where id_rank = 1
    group by store_id, customer_id

),

identified_names as (

    -- the last that a row of identities says of a name
    select
        identities.store_id,
        identities.customer_id,
        {{ last_known('named.first_name', 'named.name_rank') }} as first_name,
        {{ last_known('named.last_name', 'named.name_rank') }} as last_name
    from (
        select
            store_id,
            first_name,
            last_name,
            {{ identifier_of({
                'customer': 'source_customer_id',
                'email': 'email',
                'phone': 'phone',
                'anon': 'anonymous_id'
            }) }} as identifier,
            row_number() over (
                partition by store_id
                order by
                    identified_at,
                    {{ byte_order("coalesce(first_name, '')") }},
                    {{ byte_order("coalesce(last_name, '')") }},
                    {{ byte_order("coalesce(anonymous_id, '')") }}
            ) as name_rank
        from {{ ref('stg_identities') }}
        where first_name is not null or last_name is not null
    ) as named
    inner join identities on named.store_id = identities.store_id and named.identifier = identities.identifier
    group by identities.store_id, identities.customer_id

)

select
    people.store_id,
    people.customer_id,
    people.is_identified,
    people.identifier_count,
    coalesce(merged.record_count, 0) as record_count,
    coalesce(merged.email, people.known_email) as email,
    coalesce(merged.phone, people.known_phone) as phone,
    coalesce(merged.first_name, identified_names.first_name) as first_name,
    coalesce(merged.last_name, identified_names.last_name) as last_name,
    {%- for field in fields %}
        merged.{{ field }},
    {%- endfor %}
    consents.email_subscribed,
    consents.email_stated_at,
    consent_times.email_subscribed_at,
    consents.sms_subscribed,
    consents.gdpr_consent,
    consent_times.gdpr_consent_at,
    coalesce(merged.do_not_track, false) as do_not_track,
    merged.created_at,
    merged.updated_at,
    merged.metafields,
    external_ids.external_ids
from people
left join merged on people.store_id = merged.store_id and people.customer_id = merged.customer_id
left join consents on people.store_id = consents.store_id and people.customer_id = consents.customer_id
left join consent_times on people.store_id = consent_times.store_id and people.customer_id = consent_times.customer_id
left join external_ids on people.store_id = external_ids.store_id and people.customer_id = external_ids.customer_id
left join identified_names on people.store_id = identified_names.store_id and people.customer_id = identified_names.customer_id
