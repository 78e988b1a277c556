with stores as (

    -- one conversion of time zones a store, not one a row
    select
        store_id,
        {{ window_start(90, 'timezone') }} as recent_from
    from {{ ref('stg_stores') }}

),

tickets as (

    select
        tickets.store_id,
        identities.customer_id,
        tickets.opened_at >= stores.recent_from as is_recent,
        tickets.resolved_at is null or tickets.resolved_at >= {{ as_of() }} as is_open,
        tickets.satisfaction_score
    from {{ ref('stg_support_tickets') }} as tickets
    inner join stores on tickets.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('tickets', identifier_of({'customer': 'tickets.source_customer_id', 'email': 'tickets.email'})) }}
    where tickets.opened_at < {{ as_of() }}

)

select
    store_id,
    customer_id,
    cast(sum(case when is_open then 1 else 0 end) as bigint) as open_tickets,
    cast(sum(case when is_recent then 1 else 0 end) as bigint) as tickets_90d,
    cast(sum(case when is_recent and (is_open or satisfaction_score <= 2) then 1 else 0 end) as bigint) as unhappy_tickets_90d,
    count(*) as total_tickets
from tickets
group by store_id, customer_id
