select
    store_id,
    ticket_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    {{ known_id('email', 'email') }} as email,
    channel,
    opened_at,
    {{ past('first_response_at') }} as first_response_at,
    {{ past('resolved_at') }} as resolved_at,
    message_count,
    reopened_count,
    topic,
    satisfaction_score,
    loaded_at
from {{ ref('base_support_tickets') }}
where fate = 'accepted'
