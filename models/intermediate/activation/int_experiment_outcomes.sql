{%- set is_measured = 'orders.ordered_at >= people.exposed_at and orders.ordered_at < people.measured_until' %}
{%- set is_known = 'orders.ordered_at < people.exposed_at and orders.ordered_at >= people.known_from' %}
{%- set is_planned = 'orders.ordered_at < people.exposed_at and orders.ordered_at >= people.planned_from' %}
{%- set window_end -%}
    least(
        {{ as_of() }},
        coalesce(
            plans.ends_at,
            case
                when people.experiment_id like 'action:%' then people.exposed_at + {{ var('action_outcome_days') }} * interval '1 day'
            end,
            {{ as_of() }}
        )
    )
{%- endset %}

with plans as (

    select distinct
        store_id,
        experiment_id,
        ends_at,
        planned_days
    from {{ ref('int_experiment_plans') }}

),

people as (

    select
        people.store_id,
        people.experiment_id,
        people.customer_id,
        people.arm,
        people.is_of_first_night,
        people.exposed_at,
        {{ window_end }} as measured_until,
        {{ shift_time('people.exposed_at', -180, 'days') }} as known_from,
        people.exposed_at - plans.planned_days * interval '1 day' as planned_from
    from {{ ref('int_experiment_people') }} as people
    inner join plans on people.store_id = plans.store_id and people.experiment_id = plans.experiment_id

),

orders as (

    select
        orders.store_id,
        orders.customer_id,
        orders.ordered_at,
        coalesce(orders.gross_revenue, 0) as charged,
        coalesce(orders.gross_revenue, 0) - coalesce(refunds.refunded_amount, 0) as revenue
    from {{ ref('int_orders') }} as orders
    left join {{ ref('int_order_refunds') }} as refunds on orders.store_id = refunds.store_id and orders.order_id = refunds.order_id
    where orders.is_counted and orders.customer_id is not null

)

select
    people.store_id,
    people.experiment_id,
    people.customer_id,
    people.arm,
    people.is_of_first_night,
    people.exposed_at,
    people.measured_until,
    -- in the experiment; before it, what nothing that happened later can change; and in as many days before as are planned
    cast(sum(case when {{ is_measured }} then 1 else 0 end) as bigint) as orders,
    {{ fit_money('coalesce(sum(case when ' ~ is_measured ~ ' then orders.revenue end), 0)') }} as revenue,
    {{ fit_money('coalesce(sum(case when ' ~ is_known ~ ' then orders.charged end), 0)') }} as spent_before,
    cast(sum(case when {{ is_planned }} then 1 else 0 end) as bigint) as orders_before,
    {{ fit_money('coalesce(sum(case when ' ~ is_planned ~ ' then orders.charged end), 0)') }} as revenue_before
from people
left join orders on people.store_id = orders.store_id and people.customer_id = orders.customer_id
group by
    people.store_id, people.experiment_id, people.customer_id, people.arm, people.is_of_first_night, people.exposed_at,
    people.measured_until
