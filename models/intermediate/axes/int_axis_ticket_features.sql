with tickets as (

    select
        tickets.store_id,
        identities.customer_id,
        tickets.reopened_count,
        tickets.satisfaction_score,
        case
            when tickets.resolved_at < {{ as_of() }} and tickets.resolved_at >= tickets.opened_at
                then cast(floor({{ elapsed_seconds('tickets.opened_at', 'tickets.resolved_at') }}) as bigint)
        end as seconds_to_resolve
    from {{ ref('stg_support_tickets') }} as tickets
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('tickets', identifier_of({'customer': 'tickets.source_customer_id', 'email': 'tickets.email'})) }}
    where tickets.opened_at < {{ as_of() }}

),

sums as (

    select
        store_id,
        customer_id,
        count(*) as tickets,
        count(seconds_to_resolve) as resolved_tickets,
        sum(seconds_to_resolve) as seconds_to_resolve,
        count(reopened_count) as tickets_with_reopens,
        sum(case when reopened_count > 0 then 1 else 0 end) as reopened_tickets,
        count(satisfaction_score) as rated_tickets,
        sum(satisfaction_score) as satisfaction
    from tickets
    group by store_id, customer_id

)

select
    store_id,
    customer_id,
    tickets,
    tickets_with_reopens,
    {{ round_to(ratio('seconds_to_resolve', 'resolved_tickets * 3600'), 6) }} as avg_resolution_hours,
    {{ round_to(ratio('reopened_tickets', 'tickets_with_reopens'), 6) }} as reopen_rate,
    {{ round_to(ratio('satisfaction', 'rated_tickets'), 6) }} as avg_satisfaction
from sums
