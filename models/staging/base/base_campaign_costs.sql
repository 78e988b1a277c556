{%- set no_amount -%}
    when exchange_rate is null then 'no_rate:currency'
    when {{ too_large('cost', 'exchange_rate') }} then 'too_large:cost'
{%- endset -%}

with dated as (

    -- amounts in the store's own currency need no rate, nor do amounts that name none
    select
        spending.*,
        stores.currency as store_currency,
        case when spending.currency <> stores.currency then spending.cost_date end as foreign_at_local,
        {{ local_time(as_of(), "coalesce(stores.timezone, 'UTC')") }} as as_of_local
    from {{ source('input', 'campaign_costs') }} as spending
    left join {{ ref('stg_stores') }} as stores on spending.store_id = stores.store_id

),

priced as (

    -- the rate of a cost is the last one on or before its day
    select
        spending.*,
        case when spending.currency <> spending.store_currency then rates.rate else cast(1 as numeric(24, 10)) end as exchange_rate
    from dated as spending
    left join {{ ref('stg_exchange_rates') }} as rates
        on
            spending.store_id = rates.store_id
            and spending.currency = rates.currency
            and spending.foreign_at_local >= rates.valid_from
            and spending.foreign_at_local < rates.valid_until

),

validated as (

    -- a cost is of a day of the store's own, so that is the clock that says whether the day has come
    select
        *,
        {{ rejection(['cost_date', 'cost'], times=['cost_date'], not_negative=['cost'], also=no_amount) }} as rejection,
        coalesce(cost_date >= as_of_local, false) as is_not_yet
    from priced

),

versions as (

    -- the latest version counts: of a part of the day's costs that has an id, else of what a campaign cost that day
    select
        *,
        row_number() over (
            partition by
                store_id,
                cast(cost_date as date),
                cost_id,
                case when cost_id is null then {{ known_origin('source', lower_letters('source')) }} end,
                case when cost_id is null then {{ known_origin('medium', lower_letters('medium')) }} end,
                case when cost_id is null then {{ known_origin('campaign', lower_letters('campaign')) }} end,
                rejection is null,
                is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    cost_date,
    cost_id,
    source,
    medium,
    campaign,
    cost,
    currency,
    exchange_rate,
    impressions,
    clicks,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('cost_date')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
