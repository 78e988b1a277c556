{{ config(**by_person(vars=['session_max_gap_hours'], seeds=['attribution_models'], indexes=[['store_id', 'order_id']])) }}

{%- set of_visit = [
    'visits.session_key', 'visits.started_at', 'visits.is_direct', 'visits.source', 'visits.medium', 'visits.campaign'
] %}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

orders as (

    select
        store_id,
        order_id,
        customer_id,
        ordered_at
    from {{ ref('int_orders') }}
    where is_counted and {{ is_of_changed(is_incremental(), 'store_id', "coalesce(customer_id, '')") }}

),

visits as (

    select
        orders.store_id,
        orders.order_id,
        coalesce(orders.customer_id, '') as customer_id,
        models.attribution_model,
        {{ of_visit | join(',\n        ') }}
    from orders
    inner join {{ ref('int_campaign_visits') }} as visits
        on orders.store_id = visits.store_id and orders.customer_id = visits.customer_id and orders.ordered_at >= visits.started_at
    inner join {{ ref('attribution_models') }} as models
        on {{ elapsed_seconds('visits.started_at', 'orders.ordered_at') }} < models.lookback_days * 86400.0
    union
    -- the visit in which it was placed, on whosever device, and however the clocks of shop and pixel differ
    select
        orders.store_id,
        orders.order_id,
        coalesce(orders.customer_id, '') as customer_id,
        models.attribution_model,
        {{ of_visit | join(',\n        ') }}
    from orders
    inner join {{ ref('int_order_sessions') }} as placed on orders.store_id = placed.store_id and orders.order_id = placed.order_id
    inner join {{ ref('int_campaign_visits') }} as visits
        on placed.store_id = visits.store_id and placed.session_key = visits.session_key
    cross join {{ ref('attribution_models') }} as models

),

-- a visit that nothing brought is a touch where no other is
touches as (

    select
        *,
        bool_and(is_direct) over (partition by store_id, order_id, attribution_model) as is_all_direct
    from visits

),

numbered as (

    select
        *,
        row_number() over (
            partition by store_id, order_id, attribution_model order by started_at, {{ byte_order('session_key') }}
        ) as touch_number,
        count(*) over (partition by store_id, order_id, attribution_model) as touch_count
    from touches
    where is_all_direct or not is_direct

),

-- whole numbers that are to each other as the weights are
weighted as (

    select
        numbered.*,
        cast(case
            when numbered.touch_count = 1 or (numbered.touch_count = 2 and models.first_weight + models.last_weight = 0) then 1
            when numbered.touch_number = 1 then models.first_weight * greatest(numbered.touch_count - 2, 1)
            when numbered.touch_number = numbered.touch_count then models.last_weight * greatest(numbered.touch_count - 2, 1)
            else models.middle_weight
        end as bigint) as weight
    from numbered
    inner join {{ ref('attribution_models') }} as models on numbered.attribution_model = models.attribution_model

)

select
    weighted.store_id,
    weighted.order_id,
    weighted.attribution_model,
    weighted.touch_number,
    weighted.customer_id,
    weighted.session_key,
    weighted.source,
    weighted.medium,
    weighted.campaign,
    weighted.weight,
    cast(sum(weighted.weight) over (
        partition by weighted.store_id, weighted.order_id, weighted.attribution_model
    ) as bigint) as total_weight,
    cast(sum(weighted.weight) over (
        partition by weighted.store_id, weighted.order_id, weighted.attribution_model
        order by weighted.touch_number
        rows between unbounded preceding and current row
    ) as bigint) - weighted.weight as weight_before,
    coalesce(changed.person_version, '') as person_version
from weighted
left join changed on weighted.store_id = changed.store_id and weighted.customer_id = changed.customer_id
-- what has no credit is no touch
where weighted.weight > 0
