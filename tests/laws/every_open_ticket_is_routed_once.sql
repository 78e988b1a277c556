-- If this fails, a ticket that is open is in no queue or in two, or one is in a queue that is not open.
with open_tickets as (

    select
        store_id,
        ticket_id
    from {{ ref('stg_support_tickets') }}
    where opened_at < {{ as_of() }} and (resolved_at is null or resolved_at >= {{ as_of() }})

)

select
    coalesce(tickets.store_id, routed.store_id) as store_id,
    coalesce(tickets.ticket_id, routed.ticket_id) as ticket_id,
    count(*) as times
from open_tickets as tickets
full outer join {{ ref('ticket_routing') }} as routed
    on tickets.store_id = routed.store_id and tickets.ticket_id = routed.ticket_id
group by coalesce(tickets.store_id, routed.store_id), coalesce(tickets.ticket_id, routed.ticket_id)
having count(*) > 1 or count(tickets.ticket_id) = 0 or count(routed.ticket_id) = 0 or min(routed.queue) is null
