-- The way of one customer through the stages of the journey
select
    transitions.stage,
    transitions.entered_at,
    transitions.left_at,
    transitions.days_in_stage,
    transitions.left_at is null as is_current
from {{ ref('journey_transitions') }} as transitions
where
    transitions.store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and transitions.customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
order by transitions.entered_at, transitions.left_at nulls last
