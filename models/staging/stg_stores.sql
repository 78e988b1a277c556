{{ config(materialized='table') }}

{%- set told, told_currency = stores_told(), stores_told(is_currency('currency')) %}

with given as (

    select
        *,
        case when {{ is_currency('currency') }} then currency end as known_currency
    from {{ ref('base_stores') }}
    where fate = 'accepted'

),

order_versions as (

    -- the orders that would be accepted if their currency were known, which it is only then
    select
        store_id,
        currency,
        row_number() over (
            partition by store_id, order_id
            order by {{ is_late() }}, {{ past('updated_at') }} desc nulls last, arrived_at desc, {{ by_content() }}
        ) as version
    from {{ source('input', 'orders') }}
    where
        (not {{ is_late() }} or {{ was_there('ordered_at') }})
        and not {{ is_not_yet('ordered_at') }}
        and {{ order_rejection() }} is null
        and store_id not in (
            select given.store_id from given
            where given.known_currency is not null
        )
        and store_id not in {{ sql_list(told_currency) }}

),

order_currencies as (

    select
        store_id,
        currency,
        row_number() over (
            partition by store_id
            order by count(*) desc, {{ byte_order('currency') }}
        ) as currency_rank
    from order_versions
    where version = 1 and currency is not null
    group by store_id, currency

),

store_ids as (

    -- a store that is not in the table, or a shop without the table: made up from the ids that its rows carry
    select store_id from given
    union
    select store_id from order_versions
    union
    select nullif(store_id, '') as store_id from {{ source('input', 'landed_rows') }}
    where
        first_arrived_at < {{ as_of() }}
        and table_name not in ('stores', 'products', 'exchange_rates', 'campaign_costs')
        and store_id not in {{ sql_list(told) }}

)

select
    store_ids.store_id,
    given.domain,
    given.name,
    given.email,
    {{ past('given.created_at') }} as created_at,
    {{ past('given.updated_at') }} as updated_at,
    coalesce(zones.name, 'UTC') as timezone,
    coalesce(given.known_currency, order_currencies.currency) as currency,
    given.store_id is not null as is_landed,
    given.timezone is not null and zones.name is null as has_unknown_timezone,
    given.currency is not null and given.known_currency is null as has_unknown_currency
from store_ids
left join given on store_ids.store_id = given.store_id
left join order_currencies on store_ids.store_id = order_currencies.store_id and order_currencies.currency_rank = 1
left join ({{ known_time_zones() }}) as zones on lower(given.timezone) = zones.alias
where store_ids.store_id is not null
