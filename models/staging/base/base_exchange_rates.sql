{%- set worth_nothing -%}
    when rate = 0 then 'zero:rate'
{%- endset -%}

with dated as (

    select
        rates.*,
        {{ local_time(as_of(), "coalesce(stores.timezone, 'UTC')") }} as as_of_local
    from {{ source('input', 'exchange_rates') }} as rates
    left join {{ ref('stg_stores') }} as stores on rates.store_id = stores.store_id

),

validated as (

    -- a rate holds from a day of the store's own, so that is the clock that says whether the day has come
    select
        *,
        {{ rejection(
            ['currency', 'rate_date', 'rate'], times=['rate_date'], not_negative=['rate'], also=worth_nothing
        ) }} as rejection,
        coalesce(rate_date >= as_of_local, false) as is_not_yet
    from dated

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, currency, rate_date, rejection is null, is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    currency,
    rate_date,
    rate,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('rate_date')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
