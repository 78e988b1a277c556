-- getCustomerJourneyStage: where one customer stands
select
    customer_id,
    current_stage,
    stage_entered_at,
    days_in_stage,
    is_rfm_champion
from {{ ref('customer_journey_stages') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and customer_id = {{ sql_text(var('customer_id', 'c1000023')) }}
