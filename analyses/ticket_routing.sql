-- Ticket routing: which queue the open tickets of a customer go to
with dominants as (

    select
        memberships.store_id,
        memberships.customer_id,
        max(case when memberships.axis_name = 'problem_complexity_profile' and segments.segment_number = segments.segment_count then 1 end)
            as is_complex,
        max(case when memberships.axis_name = 'loyalty_trajectory' and segments.segment_number = 1 then 1 end) as is_declining
    from {{ ref('axis_memberships') }} as memberships
    inner join {{ ref('dim_segment_master') }} as segments
        on memberships.store_id = segments.store_id and memberships.segment_id = segments.segment_id
    where memberships.is_dominant
    group by memberships.store_id, memberships.customer_id

)

select
    tickets.customer_id,
    tickets.open_tickets,
    case
        when dominants.is_complex = 1 then 'senior_agent_queue'
        when dominants.is_declining = 1 then 'retention_specialist'
        else 'general_support'
    end as queue
from {{ ref('int_ticket_features') }} as tickets
left join dominants on tickets.store_id = dominants.store_id and tickets.customer_id = dominants.customer_id
where tickets.store_id = {{ sql_text(var('store_id', 'store_1')) }} and tickets.open_tickets > 0
order by {{ byte_order('tickets.customer_id') }}
limit {{ var('page_size', 100) }}
