with validated as (

    select
        *,
        {{ rejection(['customer_id']) }} as rejection
    from {{ source('input', 'customers') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, customer_id, rejection is null
            order by
                {{ is_late() }},
                {{ past('updated_at') }} desc nulls last,
                arrived_at desc,
                {{ by_content(['external_ids', 'metafields']) }}
        ) as version
    from validated

)

select
    store_id,
    customer_id,
    email,
    phone,
    first_name,
    last_name,
    display_name,
    avatar_url,
    created_at,
    updated_at,
    city,
    state,
    country,
    timezone,
    locale,
    currency,
    tags,
    metafields,
    email_subscribed,
    email_subscribed_at,
    sms_subscribed,
    gdpr_consent,
    gdpr_consent_at,
    do_not_track,
    acquisition_source,
    acquisition_campaign,
    acquired_at,
    external_ids,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(was_there=was_there('created_at', or_unknown=true)) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
