with validated as (

    select
        *,
        {{ rejection(['ticket_id', 'opened_at'], times=['opened_at']) }} as rejection,
        {{ is_not_yet('opened_at') }} as is_not_yet
    from {{ source('input', 'support_tickets') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, ticket_id, rejection is null, is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

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
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('opened_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
