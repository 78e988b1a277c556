with interactions as (

    select
        interactions.*,
        identities.customer_id
    from {{ ref('int_product_interactions') }} as interactions
    inner join {{ ref('customer_identities') }} as identities
        on interactions.store_id = identities.store_id and interactions.person_identifier = identities.identifier

),

counted as (

    select
        store_id,
        customer_id,
        'product' as kind,
        product_id as item_id,
        count(*) as score,
        max(occurred_at) as last_interaction_at
    from interactions
    group by store_id, customer_id, product_id
    union all
    select
        store_id,
        customer_id,
        'category' as kind,
        product_category as item_id,
        count(*) as score,
        max(occurred_at) as last_interaction_at
    from interactions
    where product_category is not null
    group by store_id, customer_id, product_category

)

select
    store_id,
    customer_id,
    kind,
    item_id,
    score,
    last_interaction_at,
    row_number() over (
        partition by store_id, customer_id, kind
        order by score desc, last_interaction_at desc, {{ byte_order('item_id') }}
    ) as preference_rank,
    row_number() over (
        partition by store_id, customer_id, kind
        order by score desc, {{ byte_order('item_id') }}
    ) as favorite_rank
from counted
