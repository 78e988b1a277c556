{{ config(materialized='view') }}

with orders as (

    select
        store_id,
        session_key,
        min(ordered_at) as first_ordered_at
    from {{ ref('int_order_sessions') }}
    where is_counted
    group by store_id, session_key

),

visits as (

    select
        sessions.*,
        -- an order may be dated a moment before its visit
        coalesce(
            sessions.first_purchase_at,
            case when orders.first_ordered_at is not null then greatest(orders.first_ordered_at, sessions.started_at) end
        ) as bought_at
    from {{ ref('int_sessions') }} as sessions
    left join orders on sessions.store_id = orders.store_id and sessions.session_key = orders.session_key

),

steps as (

    select
        store_id,
        session_key,
        person_identifier,
        started_at,
        1 as step_number,
        'visit' as step,
        started_at as entered_at
    from visits
    union all
    select
        store_id,
        session_key,
        person_identifier,
        started_at,
        2 as step_number,
        'product_view' as step,
        first_product_view_at as entered_at
    from visits
    union all
    select
        store_id,
        session_key,
        person_identifier,
        started_at,
        3 as step_number,
        'cart' as step,
        first_cart_at as entered_at
    from visits
    union all
    select
        store_id,
        session_key,
        person_identifier,
        started_at,
        4 as step_number,
        'checkout' as step,
        first_checkout_at as entered_at
    from visits
    union all
    select
        store_id,
        session_key,
        person_identifier,
        started_at,
        5 as step_number,
        'purchase' as step,
        bought_at as entered_at
    from visits

)

select
    cast(steps.store_id as text) as store_id,
    cast(steps.session_key as text) as session_key,
    cast(steps.step as text) as step,
    cast(steps.step_number as bigint) as step_number,
    cast(identities.customer_id as text) as customer_id,
    cast(steps.entered_at as timestamp) as entered_at,
    {{ elapsed_seconds('steps.started_at', 'steps.entered_at') }} as seconds_from_start
from steps
left join {{ ref('customer_identities') }} as identities on {{ same_person('steps') }}
where steps.entered_at is not null
