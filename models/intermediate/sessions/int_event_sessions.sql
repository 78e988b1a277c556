{{ config(
    materialized='incremental',
    incremental_strategy='replace_where',
    on_schema_change='append_new_columns',
    meta={
        'replaces': 'rows_of_touched_devices',
        'shaped_by': {'models': ['int_events_enriched'], 'by_zone': true, 'columns': true}
    },
    post_hook=["{{ ensure_index(['store_id', 'device_id']) }}", "{{ ensure_index(['store_id', 'person_identifier']) }}"]
) }}

with events as (

    select enriched.*
    from {{ ref('int_events_enriched') }} as enriched
    where
        enriched.fate = 'accepted'
        and enriched.session_key is not null
        and {{ is_made_again(is_incremental(), 'enriched', touched_devices) }}

),

sessions as (

    select
        store_id,
        session_key,
        min(session_id) as session_id,
        min(device_id) as device_id,
        min(visitor_key) as visitor_key,
        min(source_customer_id) as source_customer_id,
        min(person_identifier) as person_identifier,
        bool_or(has_given_session_id) as has_given_session_id,
        min(occurred_at) as started_at,
        -- a page that was measured was read so long, also where nothing came after it
        max(occurred_at + cast(round(1000000 * coalesce(measured_seconds, 0)) as bigint) * interval '1 microsecond') as ended_at,
        count(*) as total_events,
        cast(sum(case when is_page_load then 1 else 0 end) as bigint) as page_views,
        cast(sum(case when event_type = 'product_view' then 1 else 0 end) as bigint) as product_views,
        count(distinct case when event_type = 'product_view' then product_id end) as products_viewed,
        count(
            distinct case when event_type in ('page_view', 'product_view', 'collection_view') then product_category end
        ) as categories_explored,
        cast(sum(case when event_type = 'search' then 1 else 0 end) as bigint) as searches,
        cast(sum(case when is_key then 1 else 0 end) as bigint) as key_events,
        min(case when funnel_step = 'product_view' then occurred_at end) as first_product_view_at,
        min(case when funnel_step = 'cart' then occurred_at end) as first_cart_at,
        min(case when funnel_step = 'checkout' then occurred_at end) as first_checkout_at,
        -- a value below zero takes another purchase back
        min(case when funnel_step = 'purchase' and coalesce(event_value, 0) >= 0 then occurred_at end) as first_purchase_at,
        cast(sum(case when event_type = 'purchase' then 1 else 0 end) as bigint) as purchase_events,
        {{ first_known('page_url', 'session_sequence') }} as landing_page,
        {{ last_known('page_url', 'session_sequence') }} as exit_page,
        {{ first_known('referrer', 'session_sequence') }} as referrer,
        -- all three of the first hit that says where the visit came from; no value is empty
        {%- for column in ['source', 'medium', 'campaign'] %}
            nullif({{ first_known(
                'case when coalesce(source, medium, campaign) is not null then coalesce(' ~ column ~ ", '') end", 'session_sequence'
            ) }}, '') as {{ column }},
        {%- endfor %}
        {{ first_known('channel', 'session_sequence') }} as channel,
        {{ first_known('device_type', 'session_sequence') }} as device_type,
        {{ first_known('browser', 'session_sequence') }} as browser,
        max(batch_id) as batch_id
    from events
    group by store_id, session_key

)

select
    sessions.*,
    {{ local_time('sessions.started_at', 'stores.timezone') }} as started_at_local
from sessions
inner join {{ ref('stg_stores') }} as stores on sessions.store_id = stores.store_id
