with judged as (

    select
        *,
        {{ rejection(['refund_id', 'refunded_at', 'amount'], times=['refunded_at'], not_negative=['amount']) }} as rejection,
        {{ is_not_yet('refunded_at') }} as is_not_yet
    from {{ source('input', 'refunds') }}
    where arrived_at < {{ as_of() }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, refund_id, rejection is null, is_not_yet
            order by arrived_at desc, row_hash asc
        ) as version
    from judged

)

select
    store_id,
    refund_id,
    refunded_at,
    amount,
    order_id,
    line_id,
    customer_id,
    quantity,
    loaded_at,
    arrived_at,
    row_hash,
    rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet') }} as fate,
    case when rejection is not null then raw_row end as raw_row
from versions
