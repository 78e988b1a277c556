{{ config(
    materialized='incremental',
    incremental_strategy='replace_window',
    on_schema_change='append_new_columns',
    meta={'shaped_by': {
        'vars': ['earliest_date', 'raw_database', 'raw_schema', 'raw_tables'],
        'seeds': {
            'event_types': 'true', 'custom_event_types': 'true', 'channels': 'true', 'custom_channels': 'true',
            'identity_rules': "rule = 'blocked'", 'custom_identity_rules': 'true', 'traffic_channels': "traffic_channel = 'direct'",
            'custom_traffic_channels': "traffic_channel = 'direct' or field in ('any', 'campaign')"
        }
    }},
    post_hook=[
        "{{ ensure_index(['store_id', 'event_id']) }}",
        "{{ ensure_index(['store_id'], condition=\"fate = 'rejected'\") }}",
        "{{ ensure_index(['loaded_at']) }}", "{{ ensure_index(['store_id', 'device_id']) }}"
    ]
) }}

{%- set columns = [
    'store_id', 'event_id', 'event_type', 'raw_event_type', 'is_unknown_event_type', 'event_name', 'occurred_at', 'received_at',
    'customer_id', 'anonymous_id', 'email', 'session_id', 'device_id', 'page_url', 'page_title', 'page_type', 'referrer', 'content_id',
    'content_type', 'vertical', 'product_id', 'variant_id', 'product_name', 'product_category', 'collection_id', 'search_query',
    'order_id', 'event_value', 'channel', 'source', 'medium', 'campaign', 'device_type', 'browser', 'os', 'country', 'city', 'latitude',
    'longitude', 'ip_address', 'user_agent', 'view_duration', 'properties', 'loaded_at', 'arrived_at', 'rejection', 'broken_columns'
] -%}
{%- set said = columns | reject('in', ['latitude', 'longitude', 'view_duration', 'properties', 'loaded_at', 'arrived_at',
    'is_unknown_event_type', 'rejection', 'broken_columns']) | list -%}
{%- set since = arrival_window() if is_incremental() else none %}
{%- set window = 'landed.arrived_at < ' ~ (arrivals_end() if since else as_of()) %}
{%- set whole = stores_unread() if since else [] %}
{%- if since %}{% set window = window ~ ' and ' ~ landed_since('landed', since, whole) %}{% endif %}

with arriving as materialized (

    select
        landed.{{ columns | reject('equalto', 'loaded_at') | join(',\n        landed.') }},
        {{ load_stamp('landed.loaded_at') }} as loaded_at,
        greatest(landed.arrived_at, case when landed.rejection is null then landed.occurred_at end) as fact_at
    from {{ ref('base_event_arrivals') }} as landed
    where {{ window }}

),

repeated as (

    -- ids that came more than once; ranking only these is six times cheaper than ranking every event
    select
        landed.store_id,
        landed.event_id
    from {{ source('input', 'events') }} as landed
    where {{ window }}
    group by landed.store_id, landed.event_id
    having count(*) > 1

),

settled as (

    -- events that came before the window too
    {%- if since %}
        select
            earlier.store_id,
            earlier.event_id,
            min(earlier.fact_at) as fact_at
        from {{ source('input', 'events') }} as landed
        inner join {{ this }} as earlier on landed.store_id = earlier.store_id and landed.event_id = earlier.event_id
        where earlier.fate in ('accepted', 'duplicate') and not {{ is_read_again('earlier', since, whole) }} and {{ window }}
        group by earlier.store_id, earlier.event_id
    {%- else %}
        select
            store_id,
            event_id,
            cast(null as timestamp) as fact_at
        from repeated
        where false
    {%- endif %}

),

hashed as (

    -- only these: hashing every event to rank a hundredth of them would double the cost of this model
    select
        *,
        {{ hash_of_columns(said, ['occurred_at', 'received_at']) }} as tie_hash
    from arriving
    where rejection is null and (store_id, event_id) in (
        select
            repeated.store_id,
            repeated.event_id
        from repeated
    )

),

arrivals as (

    select
        arriving.*,
        cast(null as text) as tie_hash,
        settled.fact_at as repeated_at
    from arriving
    left join repeated on arriving.store_id = repeated.store_id and arriving.event_id = repeated.event_id
    left join settled on arriving.store_id = settled.store_id and arriving.event_id = settled.event_id
    where arriving.rejection is not null or repeated.event_id is null
    union all
    -- the first arrival of an event counts: any other repeats it, from when on one of those before it is a fact
    select
        hashed.*,
        least(settled.fact_at, min(hashed.fact_at) over (
            partition by hashed.store_id, hashed.event_id
            order by
                hashed.loaded_at asc nulls last, hashed.arrived_at asc, hashed.tie_hash asc,
                {{ byte_order('cast(hashed.properties as text)') }} asc nulls first,
                -- what no hash is of: numbers, and which of what is missing could not be read
                hashed.latitude asc nulls first, hashed.longitude asc nulls first, hashed.view_duration asc nulls first,
                {{ byte_order('hashed.broken_columns') }} asc nulls first
            rows between unbounded preceding and 1 preceding
        )) as repeated_at
    from hashed
    left join settled on hashed.store_id = settled.store_id and hashed.event_id = settled.event_id

)

select
    arrivals.{{ columns | join(',\n    arrivals.') }},
    arrivals.fact_at,
    arrivals.tie_hash,
    arrivals.repeated_at,
    case
        when arrivals.rejection is not null then 'rejected'
        when arrivals.repeated_at is not null then 'duplicate'
        else 'accepted'
    end as fate,
    -- the number of the load that gave the row its fate: what comes after rebuilds only what has a new one
    {% if since %}coalesce(earlier.batch_id, {{ next_batch_id(true) }}){% else %}{{ next_batch_id(false) }}{% endif %} as batch_id
from
    arrivals
{%- if since %}
    left join {{ this }} as earlier
        on
            arrivals.store_id = earlier.store_id
            and case when arrivals.rejection is null and arrivals.repeated_at is null then arrivals.event_id end = earlier.event_id
            and arrivals.device_id = earlier.device_id
            and earlier.fate = 'accepted'
            and {{ is_read_again('earlier', since, whole) }}
            and coalesce(arrivals.loaded_at, cast('1900-01-01' as timestamp)) = coalesce(earlier.loaded_at, cast('1900-01-01' as timestamp))
            and coalesce(arrivals.tie_hash, '') = coalesce(earlier.tie_hash, '')
{%- endif %}
