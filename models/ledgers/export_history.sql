{{ config(post_hook="{{ ensure_index(['store_id', 'destination_id', 'contact_key']) }}") }}

with previous as (

    {{ previous_state(is_incremental(), this, ['store_id', 'destination_id', 'contact_key'], {
        'customer_id': 'text', 'is_exported': 'boolean', 'email': 'text', 'phone': 'text', 'email_sha256': 'text', 'phone_sha256': 'text',
        'phone_digits_sha256': 'text', 'content_hash': 'text'
    }) | indent(4) }}

),

-- apart, since Postgres takes the last rows of a ledger for few, and looked each of them up among all of its store: 88 s instead of 0.3
persons as materialized (

    select
        store_id,
        earlier_id,
        customer_id
    from {{ ref('int_person_ids') }}

),

earlier as (

    -- whom a tool has from last night, and who that is by now
    select
        previous.*,
        coalesce(persons.customer_id, previous.customer_id) as person_id
    from previous
    left join persons
        on previous.store_id = persons.store_id and previous.customer_id = persons.earlier_id
    where previous.is_exported

),

removed as (

    select
        earlier.*,
        case
            when destinations.destination_id is null then 'inactive'
            when permissions.reason is not null then permissions.reason
            when permissions.customer_id is null then 'gone'
            when present.customer_id is not null then 'other_address'
            else 'left_segments'
        end as reason
    from earlier
    left join {{ ref('int_export_contacts') }} as wanted
        on
            earlier.store_id = wanted.store_id
            and earlier.destination_id = wanted.destination_id
            and earlier.contact_key = wanted.contact_key
    left join {{ ref('int_export_destinations') }} as destinations
        on earlier.store_id = destinations.store_id and earlier.destination_id = destinations.destination_id
    left join {{ ref('int_export_permissions') }} as permissions
        on
            earlier.store_id = permissions.store_id
            and earlier.destination_id = permissions.destination_id
            and earlier.person_id = permissions.customer_id
    left join {{ ref('int_export_contacts') }} as present
        on
            earlier.store_id = present.store_id
            and earlier.destination_id = present.destination_id
            and earlier.person_id = present.customer_id
    where wanted.contact_key is null

)

select
    wanted.store_id,
    wanted.destination_id,
    wanted.contact_key,
    wanted.customer_id,
    true as is_exported,
    case when earlier.contact_key is null then 'added' else 'changed' end as change_type,
    cast(null as text) as reason,
    wanted.email,
    wanted.phone,
    -- who is removed later is named by these alone
    case when wanted.channel = 'ads' then wanted.email_sha256 end as email_sha256,
    case when wanted.channel = 'ads' then wanted.phone_sha256 end as phone_sha256,
    case when wanted.channel = 'ads' then wanted.phone_digits_sha256 end as phone_digits_sha256,
    wanted.segment_ids,
    wanted.content_hash,
    {{ as_of() }} as as_of
from {{ ref('int_export_contacts') }} as wanted
left join earlier
    on
        wanted.store_id = earlier.store_id
        and wanted.destination_id = earlier.destination_id
        and wanted.contact_key = earlier.contact_key
where earlier.content_hash is distinct from wanted.content_hash
union all
select
    store_id,
    destination_id,
    contact_key,
    customer_id,
    false as is_exported,
    'removed' as change_type,
    reason,
    email,
    phone,
    email_sha256,
    phone_sha256,
    phone_digits_sha256,
    cast(array[] as text[]) as segment_ids,
    cast(null as text) as content_hash,
    {{ as_of() }} as as_of
from removed
