{{ config(
    materialized='incremental',
    incremental_strategy='replace_window',
    on_schema_change='append_new_columns',
    meta={
        'shaped_by': {
            'vars': ['earliest_date', 'raw_database', 'raw_schema', 'raw_tables'],
            'seeds': {
                'event_types': 'true', 'custom_event_types': 'true', 'channels': 'true', 'custom_channels': 'true',
                'identity_rules': "rule = 'blocked'", 'custom_identity_rules': 'true'
            }
        }
    },
    post_hook=[
        "{{ ensure_index(['store_id', 'event_id']) }}",
        "{{ ensure_index(['loaded_at']) }}",
        "{{ ensure_index(['store_id', 'device_id']) }}"
    ]
) }}

{%- set columns = [
    'store_id', 'event_id', 'event_type', 'raw_event_type', 'is_unknown_event_type', 'event_name', 'occurred_at',
    'received_at', 'customer_id', 'anonymous_id', 'email', 'session_id', 'device_id', 'page_url', 'page_title',
    'page_type', 'referrer', 'content_id', 'content_type', 'vertical', 'product_id', 'variant_id', 'product_name',
    'product_category', 'collection_id', 'search_query', 'order_id', 'event_value', 'channel', 'source', 'medium',
    'campaign', 'device_type', 'browser', 'os', 'country', 'city', 'latitude', 'longitude', 'ip_address', 'user_agent',
    'view_duration', 'properties', 'loaded_at', 'arrived_at', 'rejection', 'broken_columns'
] -%}
{%- set hashed = columns | reject('in', ['latitude', 'longitude', 'view_duration', 'properties', 'loaded_at', 'arrived_at',
    'is_unknown_event_type', 'rejection', 'broken_columns']) | list -%}
{%- set since = arrival_window() if is_incremental() else none %}
{%- set window = 'arrivals.arrived_at < ' ~ (arrivals_end() if since else as_of()) %}
{%- if since %}
    {%- set window = window ~ ' and (arrivals.loaded_at is null or arrivals.loaded_at >= ' ~ since ~ ')' %}
{%- endif %}
{%- set fact_at = 'greatest(arrivals.arrived_at, case when arrivals.rejection is null then arrivals.occurred_at end)' %}

with arriving as {{ read_often() }} (

    select
        arrivals.{{ columns | join(',\n        arrivals.') }},
        arrivals.rejection is not null as is_rejected
    from {{ ref('base_event_arrivals') }} as arrivals
    where {{ window }}

),

repeated as (

    -- ids that came more than once; ranking only these is six times cheaper than ranking every event
    select
        arrivals.store_id,
        arrivals.event_id
    from {{ source('input', 'events') }} as arrivals
    where {{ window }}
    group by arrivals.store_id, arrivals.event_id
    having count(*) > 1

),

settled as (

    -- events of the window that came before it too
    {%- if is_incremental() %}
        select
            earlier.store_id,
            earlier.event_id,
            min(earlier.fact_at) as fact_at
        from {{ source('input', 'events') }} as arrivals
        inner join {{ this }} as earlier on arrivals.store_id = earlier.store_id and arrivals.event_id = earlier.event_id
        where earlier.fate in ('accepted', 'duplicate') and earlier.loaded_at < {{ since }} and {{ window }}
        group by earlier.store_id, earlier.event_id
    {%- else %}
        select
            cast(null as text) as store_id,
            cast(null as text) as event_id,
            cast(null as timestamp) as fact_at
        where false
    {%- endif %}

),

first_arrivals as (

    select
        {%- for column in columns %}
            arrivals.{{ column }},
        {%- endfor %}
        {{ fact_at }} as fact_at,
        cast(null as timestamp) as repeated_at,
        cast(null as text) as tie_hash
    from arriving as arrivals
    left join repeated on arrivals.store_id = repeated.store_id and arrivals.event_id = repeated.event_id
    where not arrivals.is_rejected and repeated.event_id is null

),

repetitions as (

    -- hashed only here: hashing every event to rank a hundredth of them would double the cost of this model
    select
        arrivals.*,
        {{ fact_at }} as fact_at,
        {{ hash_of_columns(hashed, ['occurred_at', 'received_at']) }} as tie_hash
    from (
        select arrivals.{{ columns | join(',\n            arrivals.') }}
        from arriving as arrivals
        inner join repeated on arrivals.store_id = repeated.store_id and arrivals.event_id = repeated.event_id
        where not arrivals.is_rejected
    ) as arrivals

),

repeated_arrivals as (

    -- the first arrival of an event counts: any other repeats it, from when on one of those before it is a fact
    select
        {%- for column in columns %}
            {{ column }},
        {%- endfor %}
        fact_at,
        min(fact_at) over (
            partition by store_id, event_id
            order by loaded_at asc nulls last, arrived_at asc, tie_hash asc, {{ byte_order('cast(properties as text)') }} asc nulls first
            rows between unbounded preceding and 1 preceding
        ) as repeated_at,
        tie_hash
    from repetitions

),

refused as (

    select
        {%- for column in columns %}
            arrivals.{{ column }},
        {%- endfor %}
        {{ fact_at }} as fact_at,
        cast(null as timestamp) as repeated_at,
        cast(null as text) as tie_hash
    from arriving as arrivals
    where arrivals.is_rejected

),

arrivals as (

    select * from first_arrivals
    union all
    select * from repeated_arrivals
    union all
    select * from refused

),

judged as (

    select
        {%- for column in columns %}
            arrivals.{{ column }},
        {%- endfor %}
        arrivals.fact_at,
        least(arrivals.repeated_at, settled.fact_at) as repeated_at,
        arrivals.tie_hash,
        case
            when arrivals.rejection is not null then 'rejected'
            when arrivals.repeated_at is not null or settled.fact_at is not null then 'duplicate'
            else 'accepted'
        end as fate
    from arrivals
    left join settled on arrivals.store_id = settled.store_id and arrivals.event_id = settled.event_id

)

select
    {%- for column in columns %}
        judged.{{ column }},
    {%- endfor %}
    judged.fact_at,
    judged.repeated_at,
    judged.tie_hash,
    judged.fate,
    -- the number of the load that gave the row its fate: what comes after rebuilds only what has a new one
    {%- if is_incremental() %}
        coalesce(earlier.batch_id, (select coalesce(max(this.batch_id), 0) + 1 from {{ this }} as this)) as batch_id
    {%- else %}
        cast(1 as bigint) as batch_id
    {%- endif %}
from
    judged
{%- if is_incremental() %}
    left join {{ this }} as earlier
        on
            judged.store_id = earlier.store_id
            and judged.event_id = earlier.event_id
            and judged.fate = earlier.fate
            and earlier.fate = 'accepted'
            and (earlier.loaded_at is null or earlier.loaded_at >= {{ since }})
            and coalesce(judged.loaded_at, cast('1900-01-01' as timestamp))
            = coalesce(earlier.loaded_at, cast('1900-01-01' as timestamp))
            and coalesce(judged.tie_hash, '') = coalesce(earlier.tie_hash, '')
{%- endif %}
