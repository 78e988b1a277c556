with handed as (

    {{ last_of_ledger(
        ref('export_history'), ['store_id', 'destination_id', 'contact_key'],
        ['customer_id', 'is_exported', 'change_type', 'reason', 'email', 'phone', 'email_sha256', 'phone_sha256', 'phone_digits_sha256', 'content_hash', 'as_of'],
        'as_of <= ' ~ as_of()
    ) | indent(4) }}

),

compared as (

    -- what a night writes down is what it wants; a run that is none shows what the next night would
    select
        wanted.channel,
        wanted.names,
        wanted.gdpr_consent,
        wanted.segment_ids,
        wanted.segment_names,
        wanted.neutral_names,
        -- whose profile is told
        case when wanted.names = 'real' then wanted.customer_id end as told_id,
        coalesce(wanted.store_id, handed.store_id) as store_id,
        coalesce(wanted.destination_id, handed.destination_id) as destination_id,
        coalesce(wanted.contact_key, handed.contact_key) as contact_key,
        coalesce(wanted.customer_id, persons.customer_id, handed.customer_id) as customer_id,
        wanted.contact_key is not null as is_exported,
        coalesce(wanted.email, handed.email) as email,
        coalesce(wanted.phone, handed.phone) as phone,
        coalesce(wanted.email_sha256, handed.email_sha256) as email_sha256,
        coalesce(wanted.phone_sha256, handed.phone_sha256) as phone_sha256,
        coalesce(wanted.phone_digits_sha256, handed.phone_digits_sha256) as phone_digits_sha256,
        case
            when wanted.contact_key is null then 'removed'
            when handed.is_exported and handed.content_hash = wanted.content_hash then handed.change_type
            when handed.is_exported then 'changed'
            else 'added'
        end as change_type,
        case when wanted.contact_key is null then coalesce(handed.reason, 'left_segments') end as removal_reason,
        case
            when
                handed.is_exported = (wanted.contact_key is not null)
                and (wanted.contact_key is null or handed.content_hash = wanted.content_hash)
                then handed.as_of
            else {{ as_of() }}
        end as changed_at
    from {{ ref('int_export_contacts') }} as wanted
    full outer join handed
        on
            wanted.store_id = handed.store_id
            and wanted.destination_id = handed.destination_id
            and wanted.contact_key = handed.contact_key
    left join {{ ref('int_person_ids') }} as persons
        on handed.store_id = persons.store_id and handed.customer_id = persons.earlier_id

)

select
    cast(compared.store_id as text) as store_id,
    cast(compared.destination_id as text) as destination_id,
    cast(compared.contact_key as text) as contact_key,
    cast(compared.customer_id as text) as customer_id,
    cast(compared.channel as text) as channel,
    compared.is_exported,
    cast(compared.change_type as text) as change_type,
    cast(compared.changed_at as timestamp) as changed_at,
    cast(compared.removal_reason as text) as removal_reason,
    cast(compared.email as text) as email,
    cast(compared.phone as text) as phone,
    cast(compared.email_sha256 as text) as email_sha256,
    cast(compared.phone_sha256 as text) as phone_sha256,
    cast(compared.phone_digits_sha256 as text) as phone_digits_sha256,
    compared.names = 'neutral' as is_neutral,
    cast(compared.segment_ids as text[]) as segment_ids,
    cast(compared.segment_names as text[]) as segment_names,
    cast(compared.neutral_names as text[]) as neutral_names,
    cast(profiles.first_name as text) as first_name,
    cast(profiles.last_name as text) as last_name,
    cast(profiles.city as text) as city,
    cast(profiles.country as text) as country,
    cast(profiles.locale as text) as locale_code,
    cast(profiles.timezone as text) as timezone,
    cast(profiles.attributes as {{ json_type() }}) as attributes,
    compared.gdpr_consent,
    {{ as_of() }} as updated_at
from compared
left join {{ ref('int_export_profiles') }} as profiles
    on compared.store_id = profiles.store_id and compared.told_id = profiles.customer_id
