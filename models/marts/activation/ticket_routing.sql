with open_tickets as (

    select
        tickets.*,
        identities.customer_id,
        cast(floor({{ elapsed_seconds('tickets.opened_at', as_of()) }} / 3600) as bigint) as waiting_hours,
        tickets.first_response_at is not null and tickets.first_response_at < {{ as_of() }} as is_answered
    from {{ ref('stg_support_tickets') }} as tickets
    left join {{ ref('customer_identities') }} as identities
        on {{ same_person('tickets', identifier_of({'customer': 'tickets.source_customer_id', 'email': 'tickets.email'})) }}
    where
        tickets.opened_at < {{ as_of() }}
        and (tickets.resolved_at is null or tickets.resolved_at >= {{ as_of() }})

),

-- the first by priority of the actions of channel ticket that a person meets
routes as (

    select
        candidates.store_id,
        candidates.customer_id,
        candidates.reason,
        candidates.urgency,
        actions.action_id,
        actions.action_code,
        actions.message,
        row_number() over (
            partition by candidates.store_id, candidates.customer_id
            order by candidates.priority, {{ byte_order('candidates.action_id') }}
        ) as choice
    from {{ ref('int_action_candidates') }} as candidates
    inner join {{ ref('int_actions_in_force') }} as actions on candidates.action_id = actions.action_id
    where candidates.channel = 'ticket'

),

-- of whom nothing is known, and who asked not to be tracked, a ticket goes where the last action of all stores sends all others, else
-- the last of the store's own
fallback as (

    select
        store_id,
        action_code,
        message
    from (
        select
            stores.store_id,
            actions.action_code,
            actions.message,
            row_number() over (
                partition by stores.store_id
                order by
                    case when actions.store_id is null then 1 else 2 end,
                    actions.priority desc,
                    {{ byte_order('actions.action_id') }} desc
            ) as fallback_rank
        from (select distinct store_id from open_tickets) as stores
        inner join {{ ref('int_actions_in_force') }} as actions on actions.store_id is null or stores.store_id = actions.store_id
        where actions.channel = 'ticket'
    ) as ranked
    where fallback_rank = 1

),

routed as (

    select
        tickets.*,
        routes.action_id,
        facts.total_revenue,
        facts.churn_probability,
        facts.predicted_ltv,
        facts.rfm_segment,
        facts.total_orders,
        coalesce(routes.action_code, fallback.action_code, 'general_support') as queue,
        coalesce(routes.message, fallback.message) as suggestion,
        case
            when routes.urgency = 'high' or tickets.reopened_count > 1 or (not tickets.is_answered and tickets.waiting_hours >= 24)
                then 'high'
            else coalesce(routes.urgency, 'medium')
        end as priority,
        concat_ws(
            '; ',
            case
                when routes.reason is not null then routes.reason
                when facts.do_not_track then 'Asked not to be tracked'
                when facts.customer_id is null then 'Nothing is known of who asks'
                else 'No rule says where else it goes'
            end,
            case when not tickets.is_answered then 'Has waited ' || tickets.waiting_hours || ' hours for a first answer' end,
            case when tickets.reopened_count > 0 then 'Was opened again, times: ' || tickets.reopened_count end
        ) as reason
    from open_tickets as tickets
    left join routes
        on tickets.store_id = routes.store_id and tickets.customer_id = routes.customer_id and routes.choice = 1
    left join {{ ref('int_profile_facts') }} as facts
        on tickets.store_id = facts.store_id and tickets.customer_id = facts.customer_id
    left join fallback on tickets.store_id = fallback.store_id

)

select
    cast(store_id as text) as store_id,
    cast(ticket_id as text) as ticket_id,
    cast(customer_id as text) as customer_id,
    cast(channel as text) as channel,
    cast(topic as text) as topic,
    cast(queue as text) as queue,
    row_number() over (
        partition by store_id, queue
        order by
            case priority when 'high' then 1 when 'medium' then 2 else 3 end,
            total_revenue desc nulls last,
            opened_at,
            {{ byte_order('ticket_id') }}
    ) as queue_rank,
    cast(priority as text) as priority,
    cast(reason as text) as reason,
    cast(suggestion as text) as suggestion,
    cast(action_id as text) as action_id,
    opened_at,
    waiting_hours,
    is_answered,
    cast(message_count as bigint) as message_count,
    cast(reopened_count as bigint) as reopened_count,
    cast(total_orders as bigint) as total_orders,
    {{ money('total_revenue') }} as lifetime_value,
    cast(predicted_ltv as double precision) as predicted_ltv,
    cast(churn_probability as double precision) as churn_probability,
    cast(rfm_segment as text) as rfm_segment
from routed
