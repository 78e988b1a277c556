-- getBehaviorSummary: what one customer did
select *
from {{ ref('customer_behavior_summary') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
