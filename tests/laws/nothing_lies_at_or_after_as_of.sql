-- If this fails, something counts that has not happened yet: an order, an event or a visit at or after as_of, or a time that
-- a loader gave for something that is still to come.
{%- set times = {
    'stg_stores': ['created_at', 'updated_at'],
    'stg_customers': ['created_at', 'updated_at', 'email_subscribed_at', 'gdpr_consent_at', 'acquired_at'],
    'stg_products': ['created_at'],
    'stg_orders': ['ordered_at', 'cancelled_at', 'updated_at'],
    'stg_order_items': ['refunded_at', 'updated_at'],
    'stg_refunds': ['refunded_at'],
    'stg_sessions': ['started_at', 'ended_at'],
    'stg_identities': ['identified_at'],
    'stg_purchase_attributions': ['created_at'],
    'stg_support_tickets': ['opened_at', 'first_response_at', 'resolved_at'],
    'stg_segment_imports': ['added_at'],
    'int_events_enriched': ['occurred_at'],
    'int_sessions': ['started_at', 'ended_at'],
    'int_visitor_days': ['last_event_at'],
    'int_orders': ['ordered_at', 'cancelled_at'],
    'int_refunds': ['refunded_at'],
    'int_customers': ['created_at', 'updated_at', 'acquired_at'],
    'int_journey_entries': ['met_at'],
    'int_behavior_summary': ['first_seen_at', 'last_seen_at', 'last_order_at'],
    'product_interactions': ['occurred_at'],
    'customer_identities': ['first_at']
} %}

with times as (

    {%- for relation, columns in times.items() %}
        {%- set last = loop.last %}
        {%- for column in columns %}
            select
                '{{ relation }}.{{ column }}' as named,
                store_id,
                max({{ column }}) as latest
            from {{ ref(relation) }}
            group by store_id
            {%- if not (last and loop.last) %}
                union all
            {%- endif %}
        {%- endfor %}
    {%- endfor %}

),

-- a rate holds from a day of the store's own, and a cost is of one
dated as (

    select
        'stg_exchange_rates.valid_from' as named,
        store_id,
        valid_from as begins_at
    from {{ ref('stg_exchange_rates') }}
    union all
    select
        'stg_campaign_costs.cost_date' as named,
        store_id,
        cast(cost_date as timestamp) as begins_at
    from {{ ref('stg_campaign_costs') }}

),

days as (

    select
        dated.named,
        dated.store_id,
        max(dated.begins_at) as latest,
        max({{ local_time(as_of(), 'stores.timezone') }}) as as_of_local
    from dated
    inner join {{ ref('stg_stores') }} as stores on dated.store_id = stores.store_id
    group by dated.named, dated.store_id

),

ages as (

    select
        'days_since_seen' as named,
        store_id,
        min(days_since_seen) as youngest
    from {{ ref('int_profile_facts') }}
    group by store_id
    union all
    select
        'days_since_purchase' as named,
        store_id,
        min(days_since_purchase) as youngest
    from {{ ref('int_profile_facts') }}
    group by store_id

)

select
    named,
    store_id,
    cast(latest as text) as found
from times
where latest >= {{ as_of() }}
union all
select
    named,
    store_id,
    cast(latest as text) as found
from days
where latest >= as_of_local
union all
select
    named,
    store_id,
    cast(youngest as text) as found
from ages
where youngest < 0
