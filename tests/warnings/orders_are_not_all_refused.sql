{{ config(severity='warn') }}

-- A warning, since a shop may land what it likes: every order of a store is refused, so that it has none, and purchase events do not
-- stand in for orders that are. staging_issues has all reasons, rejected_rows the orders.
with refused as (

    select
        store_id,
        reason,
        column_name,
        sum(row_count) over (partition by store_id) as refused_rows,
        row_number() over (
            partition by store_id
            order by row_count desc, {{ byte_order('reason') }}, {{ byte_order('column_name') }}
        ) as reason_rank
    from {{ ref('staging_issues') }}
    -- a row that names no order is none
    where table_name = 'orders' and issue = 'rejected' and column_name <> 'order_id'

)

select
    refused.store_id || ': all of its orders are refused (' || cast(refused.refused_rows as bigint) || ' rows, most for '
    || refused.reason || ' of ' || refused.column_name || '), so that it has none; purchase events do not stand in for them.' as sentence
from refused
inner join {{ ref('staging_quality') }} as quality on refused.store_id = quality.store_id and quality.table_name = 'orders'
where refused.reason_rank = 1 and refused.store_id <> '' and quality.accepted_rows = 0
