-- Ticket routing: the open tickets of a queue, in the order in which to answer them
select
    queue_rank,
    ticket_id,
    customer_id,
    priority,
    reason,
    suggestion,
    lifetime_value,
    churn_probability
from {{ ref('ticket_routing') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }} and queue = {{ sql_text(var('queue', 'general_support')) }}
order by queue_rank
limit {{ var('page_size', 100) }}
