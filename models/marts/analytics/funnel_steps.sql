{{ config(materialized='view') }}

with visits as (

    select * from {{ ref('int_sessions') }}
    where is_visit

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
        first_purchase_at as entered_at
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
left join {{ ref('customer_identities') }} as identities
    on steps.store_id = identities.store_id and steps.person_identifier = identities.identifier
where steps.entered_at is not null
