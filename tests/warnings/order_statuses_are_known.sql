{{ config(severity='warn') }}

-- A warning, since a shop may call statuses what it likes: orders of these count. Add a row to
-- seeds/custom/custom_order_statuses.csv for each, which says whether they do.
select
    store_id,
    financial_status,
    count(*) as order_count
from {{ ref('stg_orders') }}
where has_unknown_status
group by store_id, financial_status
