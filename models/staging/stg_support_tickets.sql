select
    store_id,
    ticket_id,
    {{ known_id('customer', 'customer_id') }} as source_customer_id,
    {{ known_id('email', 'email') }} as email,
    channel,
    opened_at,
    first_response_at,
    resolved_at,
    message_count,
    reopened_count,
    topic,
    satisfaction_score,
    loaded_at
from {{ ref('base_support_tickets') }}
where fate = 'accepted'
