{%- set said = [
    'store_id', 'ticket_id', 'customer_id', 'email', 'channel', 'opened_at', 'first_response_at', 'resolved_at',
    'message_count', 'reopened_count', 'topic', 'satisfaction_score'
] %}

with validated as materialized (

    select
        {{ (said + ['loaded_at', 'arrived_at', 'broken_columns', 'raw_row']) | join(',\n        ') }},
        {{ support_ticket_rejection() }} as rejection,
        {{ is_not_yet('opened_at') }} as is_not_yet
    from {{ source('input', 'support_tickets') }}

),

{{ versions(
    'validated', ['store_id', 'ticket_id'], said,
    ['opened_at', 'first_response_at', 'resolved_at'], dated=false, condition='rejection is null and not is_not_yet'
) }}

select
    store_id,
    ticket_id,
    customer_id,
    email,
    channel,
    opened_at,
    first_response_at,
    resolved_at,
    message_count,
    reopened_count,
    topic,
    satisfaction_score,
    loaded_at,
    arrived_at,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('opened_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
