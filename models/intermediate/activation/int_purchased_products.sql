{{ config(**by_person(versions='int_interest_versions')) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_interest_versions') | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

purchases as (

    select
        interactions.store_id,
        identities.customer_id,
        identities.person_version,
        interactions.product_id,
        interactions.product_category,
        cast({{ local_time('interactions.occurred_at', 'stores.timezone') }} as date) as purchased_on
    from {{ ref('int_product_interactions') }} as interactions
    inner join {{ ref('stg_stores') }} as stores on interactions.store_id = stores.store_id
    inner join people as identities on {{ same_person('interactions') }}
    where
        interactions.interaction_type = 'purchased' and interactions.is_service is not true and interactions.is_giveaway is not true
        -- what somebody bought is in the shop's books; who asked not to be tracked is not known by it
        and (identities.store_id, identities.customer_id) not in (
            select
                customers.store_id,
                customers.customer_id
            from {{ ref('int_customers') }} as customers
            where customers.do_not_track
        )

)

select
    store_id,
    customer_id,
    product_id,
    count(distinct purchased_on) as purchase_days,
    min(purchased_on) as first_purchased_on,
    max(purchased_on) as last_purchased_on,
    min({{ byte_order('product_category') }}) as product_category,
    min(person_version) as person_version
from purchases
group by store_id, customer_id, product_id
