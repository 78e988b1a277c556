{%- set activity_totals = ref('int_activity_totals') -%}
{%- set stores = ref('stg_stores') -%}

with orders as (

    select
        store_id,
        customer_id,
        ordered_at as active_at,
        order_date as active_date
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null

),

returns as (

    select
        refunds.store_id,
        identities.customer_id,
        refunds.refunded_at as active_at,
        refunds.refund_date as active_date
    from {{ ref('int_refunds') }} as refunds
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted and {{ is_return_activity() }}

),

{% if var('acquisition_basis') == 'first_seen' %}
    first_sightings as (

        select
            totals.store_id,
            totals.customer_id,
            totals.first_seen_at as active_at,
            cast({{ local_time('totals.first_seen_at', 'stores.timezone') }} as date) as active_date
        from {{ activity_totals }} as totals
        inner join {{ stores }} as stores on totals.store_id = stores.store_id
        where totals.first_seen_at is not null

    ),
{% endif %}

activity as (

    select * from orders
    union all
    select * from returns
    {% if var('acquisition_basis') == 'first_seen' %}
        union all
        select * from first_sightings
    {% endif %}

)

select
    store_id,
    customer_id,
    min(active_at) as acquired_at,
    -- the earliest day and not the day of the earliest time: where clocks go back over midnight, no order is before it
    min(active_date) as acquisition_date
from activity
group by store_id, customer_id
