with stores as (

    select
        store_id,
        timezone,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

journeys as (

    select
        store_id,
        customer_id,
        min(entered_at) as first_entered_at,
        max(case when is_current then stage end) as current_stage,
        max(case when is_current then entered_at end) as stage_entered_at
    from {{ ref('int_journey_stages') }}
    group by store_id, customer_id

)

select
    cast(journeys.store_id as text) as store_id,
    cast(journeys.customer_id as text) as customer_id,
    cast(journeys.current_stage as text) as current_stage,
    cast(journeys.stage_entered_at as timestamp) as stage_entered_at,
    cast({{ days_between(
        'cast(' ~ local_time('journeys.stage_entered_at', 'stores.timezone') ~ ' as date)', 'stores.today'
    ) }} as bigint) as days_in_stage,
    coalesce(rfm.named_code in ('444', '445', '454', '455', '544', '545', '554', '555'), false) as is_rfm_champion,
    cast(journeys.first_entered_at as timestamp) as created_at,
    {{ as_of() }} as updated_at
from journeys
inner join stores on journeys.store_id = stores.store_id
left join {{ ref('int_rfm_scores') }} as rfm on journeys.store_id = rfm.store_id and journeys.customer_id = rfm.customer_id
