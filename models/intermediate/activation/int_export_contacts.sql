with members as (

    select
        segments.store_id,
        segments.segment_list,
        spells.customer_id,
        array_agg(segments.segment_id order by {{ byte_order('segments.segment_id') }}) as segment_ids,
        array_agg(segments.name order by {{ byte_order('segments.segment_id') }}) as segment_names,
        array_agg(segments.neutral_name order by {{ byte_order('segments.segment_id') }}) as neutral_names
    from {{ ref('int_membership_spells') }} as spells
    inner join {{ ref('int_export_segments') }} as segments
        on spells.store_id = segments.store_id and spells.kind = segments.kind and spells.group_id = segments.segment_id
    where spells.left_at is null
    group by segments.store_id, segments.segment_list, spells.customer_id

),

reached as (

    select
        permissions.store_id,
        permissions.destination_id,
        permissions.customer_id,
        permissions.channel,
        destinations.names,
        permissions.gdpr_consent,
        substring(permissions.email_identifier from {{ 'email:' | length + 1 }}) as email,
        substring(permissions.phone_identifier from {{ 'phone:' | length + 1 }}) as phone,
        coalesce(members.segment_ids, cast(array[] as text[])) as segment_ids,
        coalesce(members.segment_names, cast(array[] as text[])) as segment_names,
        coalesce(members.neutral_names, cast(array[] as text[])) as neutral_names
    from {{ ref('int_export_permissions') }} as permissions
    inner join {{ ref('int_export_destinations') }} as destinations
        on permissions.store_id = destinations.store_id and permissions.destination_id = destinations.destination_id
    left join members
        on
            permissions.store_id = members.store_id
            and destinations.segment_list = members.segment_list
            and permissions.customer_id = members.customer_id
    where permissions.is_allowed and (destinations.is_for_all or members.customer_id is not null)

),

hashed as (

    select
        reached.*,
        {{ sha256_hex('reached.email') }} as email_sha256,
        {{ sha256_hex('reached.phone') }} as phone_sha256,
        {{ sha256_hex('substring(reached.phone from 2)') }} as phone_digits_sha256
    from reached

),

-- the address by which the tool knows the person; ad platforms know hashes alone
addressed as (

    select
        hashed.*,
        case hashed.channel
            when 'email' then {{ identifier_of({'email': 'hashed.email'}) }}
            when 'sms' then {{ identifier_of({'phone': 'hashed.phone'}) }}
            else {{ composed_key(['hashed.email_sha256', 'hashed.phone_sha256']) }}
        end as contact_key
    from hashed

)

select
    addressed.store_id,
    addressed.destination_id,
    addressed.contact_key,
    addressed.customer_id,
    addressed.channel,
    addressed.names,
    addressed.gdpr_consent,
    case when addressed.channel <> 'ads' then addressed.email end as email,
    case when addressed.channel <> 'ads' then addressed.phone end as phone,
    addressed.email_sha256,
    addressed.phone_sha256,
    addressed.phone_digits_sha256,
    addressed.segment_ids,
    addressed.segment_names,
    addressed.neutral_names,
    md5({{ composed_key([
        'addressed.customer_id', text_of_list('addressed.segment_ids'), text_of_list('addressed.segment_names'),
        "case when addressed.names = 'real' then profiles.profile_hash end", 'cast(addressed.gdpr_consent as text)'
    ]) }}) as content_hash
from addressed
inner join {{ ref('int_export_profiles') }} as profiles
    on addressed.store_id = profiles.store_id and addressed.customer_id = profiles.customer_id
