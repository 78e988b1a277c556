{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

with untracked as (

    -- whoever is one person with somebody who asked not to be tracked, by any identifier
    select distinct
        identities.store_id,
        identities.customer_id
    from {{ ref('customer_identities') }} as identities
    inner join {{ ref('int_untracked') }} as opted_out
        on identities.store_id = opted_out.store_id and identities.identifier = opted_out.identifier

),

named as (

    -- whose records name an address
    select
        records.store_id,
        identities.customer_id,
        unnest(
            cast(array[{{ identifier_of({'email': 'records.email'}) }}, {{ identifier_of({'phone': 'records.phone'}) }}] as text[])
        ) as identifier
    from {{ ref('stg_customers') }} as records
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('records', identifier_of({'customer': 'records.source_customer_id'})) }}

),

of_others as (

    -- addresses that a record of another person names as well, who may have said no
    select distinct
        identities.store_id,
        identities.identifier
    from {{ ref('customer_identities') }} as identities
    inner join named
        on
            identities.store_id = named.store_id
            and identities.identifier = named.identifier
            and identities.customer_id <> named.customer_id

),

own as (

    -- what is the person's alone: no address of many, none that identifies nobody
    select
        identities.store_id,
        identities.customer_id,
        identities.identifier
    from {{ ref('customer_identities') }} as identities
    left join of_others on identities.store_id = of_others.store_id and identities.identifier = of_others.identifier
    where identities.identifier_type in ('email', 'phone') and identities.status = 'ok' and of_others.identifier is null

)

select
    customers.store_id,
    customers.customer_id,
    facts.email_subscribed,
    facts.is_unsubscribed,
    facts.sms_subscribed,
    facts.gdpr_consent,
    customers.do_not_track or untracked.customer_id is not null as do_not_track,
    case
        when {{ matches('customers.email', '[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:].]+') }} then emails.identifier
    end as email_identifier,
    -- E.164: a country's code, which never begins with 0, and at most fifteen digits
    case when {{ matches('customers.phone', '[+][1-9][0-9]{6,14}') }} then phones.identifier end as phone_identifier
from {{ ref('int_customers') }} as customers
inner join {{ ref('int_profile_facts') }} as facts
    on customers.store_id = facts.store_id and customers.customer_id = facts.customer_id
left join untracked on customers.store_id = untracked.store_id and customers.customer_id = untracked.customer_id
left join own as emails
    on
        customers.store_id = emails.store_id
        and customers.customer_id = emails.customer_id
        and {{ identifier_of({'email': 'customers.email'}) }} = emails.identifier
left join own as phones
    on
        customers.store_id = phones.store_id
        and customers.customer_id = phones.customer_id
        and {{ identifier_of({'phone': 'customers.phone'}) }} = phones.identifier
where customers.is_identified
