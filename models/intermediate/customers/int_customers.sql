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
    consents.email_subscribed_at,
    consents.sms_subscribed,
    consents.gdpr_consent,
    consents.gdpr_consent_at,
    coalesce(merged.do_not_track, false) as do_not_track,
    merged.created_at,
    merged.updated_at,
    merged.metafields,
    external_ids.external_ids
from people
left join merged on people.store_id = merged.store_id and people.customer_id = merged.customer_id
left join {{ ref('int_consents') }} as consents on people.store_id = consents.store_id and people.customer_id = consents.customer_id
left join external_ids on people.store_id = external_ids.store_id and people.customer_id = external_ids.customer_id
left join {{ ref('int_identified_names') }} as identified_names
    on people.store_id = identified_names.store_id and people.customer_id = identified_names.customer_id
