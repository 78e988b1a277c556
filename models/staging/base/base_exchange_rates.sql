with judged as (

    select
        *,
        {{ rejection(['currency', 'rate_date', 'rate'], times=['rate_date'], not_negative=['rate']) }} as rejection,
        {{ is_not_yet('rate_date') }} as is_not_yet
    from {{ source('input', 'exchange_rates') }}
    where arrived_at < {{ as_of() }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, currency, rate_date, rejection is null, is_not_yet
            order by arrived_at desc, row_hash asc
        ) as version
    from judged

)

select
    store_id,
    currency,
    rate_date,
    rate,
    loaded_at,
    arrived_at,
    row_hash,
    rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet') }} as fate,
    case when rejection is not null then raw_row end as raw_row
from versions
