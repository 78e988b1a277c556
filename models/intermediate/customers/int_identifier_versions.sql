{{ config(materialized='view') }}

{%- set told = [
    'session_key', 'match_rank', 'source_customer_id', 'ended_at', 'source', 'medium', 'campaign', 'referrer_type', 'device_type', 'browser'
] %}

-- visits that events tell of are made anew with the days of their device, but for what the shop's own sessions say of them
select
    store_id,
    person_identifier,
    sum({{ content_hash(['visitor_key', 'activity_date', 'batch_id']) }}) as identifier_version
from {{ ref('int_visitor_days') }}
group by store_id, person_identifier
union all
select
    events.store_id,
    events.person_identifier,
    {{ content_hash(['reported.' ~ told | join(',reported.')]) }} as identifier_version
from {{ ref('int_reported_sessions') }} as reported
inner join {{ ref('int_event_sessions') }} as events
    on reported.store_id = events.store_id and reported.session_key = events.session_key
union all
-- one that lasts until after as_of is longer tomorrow
select
    store_id,
    person_identifier,
    {{ content_hash(['session_key', as_of()]) }} as identifier_version
from {{ ref('int_event_sessions') }}
where ended_at >= {{ as_of() }}
union all
select
    store_id,
    person_identifier,
    {{ content_hash([
        'session_key', 'started_at', 'ended_at', 'source', 'medium', 'campaign', 'referrer_type', 'device_type', 'browser'
    ]) }} as identifier_version
from {{ ref('int_sessions') }}
where not has_events
union all
select
    store_id,
    person_identifier,
    {{ content_hash(['refund_key', 'order_id', 'refunded_at', 'refund_date', 'amount', 'has_order']) }} as identifier_version
from {{ ref('int_refunds') }}
where is_counted
