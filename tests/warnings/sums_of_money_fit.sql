{{ config(severity='warn') }}

-- A warning, since a shop may send any amounts: these people's amounts fit one by one and not together, so their totals say the
-- most that the column holds. Look for test orders, or prices in a unit of their own, among the orders of each.
select
    store_id,
    customer_id,
    gross_revenue,
    refunded_amount
from {{ ref('int_activity_totals') }}
where gross_revenue >= 9999999999999999.99 or refunded_amount >= 9999999999999999.99
