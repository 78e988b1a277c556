with unknown as (

    select
        table_name,
        string_agg(
            column_name || case when resembles is null then '' else ' (is it ' || resembles || '?)' end,
            ', '
            order by {{ byte_order('column_name') }}
        ) as unknown_columns
    from {{ source('input', 'unknown_columns') }}
    group by table_name

),

attributed as (

    select
        orders.store_id,
        'orders' as table_name,
        {{ round_to(ratio(
            'sum(case when visits.order_id is not null then orders.gross_revenue else 0 end)', 'sum(orders.gross_revenue)'
        ), 6) }} as attributed_revenue_share
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_sessions') }} as visits on orders.store_id = visits.store_id and orders.order_id = visits.order_id
    where orders.is_counted
    group by orders.store_id

),

purchases as (

    select
        store_id,
        count(*) as orders,
        count(gross_revenue) as valued_orders
    from {{ ref('int_orders') }}
    where not is_landed
    group by store_id

),

-- what tells of a table's subject in its place, and what it leaves empty then
substitutes as (

    select
        store_id,
        'orders' as table_name,
        cast(orders as text) || ' orders of purchase events'
        || case
            when valued_orders < orders then ', ' || cast(orders - valued_orders as text) || ' of them of unknown value' else ''
        end as stands_in,
        case
            when valued_orders = 0 then 'Revenue and whatever is made of it; discounts and statuses of orders'
            when valued_orders < orders then 'Revenue of orders of unknown value; discounts and statuses of orders'
            else 'Discounts and statuses of orders'
        end as leaves_empty
    from purchases
    union all
    select
        store_id,
        'events' as table_name,
        cast(accepted_rows as text) || ' visits of the table sessions' as stands_in,
        'Product interactions; search and discovery; funnels; whatever happened within visits' as leaves_empty
    from {{ ref('staging_quality') }}
    where table_name = 'sessions' and accepted_rows > 0

)

select
    cast(stores.store_id as text) as store_id,
    cast(raw_tables.table_name as text) as table_name,
    cast(coalesce(quality.accepted_rows, 0) > 0 as boolean) as has_rows,
    cast(coalesce(quality.accepted_rows, 0) as bigint) as accepted_rows,
    {{ round_to(ratio('quality.rejected_rows', 'quality.raw_rows'), 6) }} as rejected_rate,
    cast(case when coalesce(quality.accepted_rows, 0) = 0 then substitutes.stands_in end as text) as stands_in,
    cast(
        case when coalesce(quality.accepted_rows, 0) = 0 then coalesce(substitutes.leaves_empty, raw_tables.leaves_empty) end as text
    ) as leaves_empty,
    attributed.attributed_revenue_share,
    cast(emptied.empty_columns as text) as empty_columns,
    cast(unknown.unknown_columns as text) as unknown_columns,
    {{ as_of() }} as updated_at
from {{ ref('stg_stores') }} as stores
cross join {{ ref('raw_tables') }} as raw_tables
left join {{ ref('staging_quality') }} as quality
    on stores.store_id = quality.store_id and raw_tables.table_name = quality.table_name
left join substitutes
    on stores.store_id = substitutes.store_id and raw_tables.table_name = substitutes.table_name
left join attributed
    on stores.store_id = attributed.store_id and raw_tables.table_name = attributed.table_name
left join {{ ref('int_empty_columns') }} as emptied
    on stores.store_id = emptied.store_id and raw_tables.table_name = emptied.table_name
left join unknown on raw_tables.table_name = unknown.table_name
