{%- set said = [
    'store_id', 'customer_id', 'email', 'phone', 'first_name', 'last_name', 'display_name', 'avatar_url', 'created_at',
    'updated_at', 'city', 'state', 'country', 'timezone', 'locale', 'currency', 'tags', 'email_subscribed',
    'email_subscribed_at', 'sms_subscribed', 'gdpr_consent', 'gdpr_consent_at', 'do_not_track', 'acquisition_source',
    'acquisition_campaign', 'acquired_at'
] %}

with validated as materialized (

    select
        {{ (said + ['metafields', 'external_ids', 'loaded_at', 'arrived_at', 'broken_columns', 'raw_row']) | join(',\n        ') }},
        {{ customer_rejection() }} as rejection
    from {{ source('input', 'customers') }}

),

{{ versions(
    'validated', ['store_id', 'customer_id'], said,
    ['created_at', 'updated_at', 'email_subscribed_at', 'gdpr_consent_at', 'acquired_at'], json_columns=['external_ids', 'metafields']
) }}

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
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(was_there=was_there('created_at', or_unknown=true)) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
