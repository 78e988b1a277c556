with stores as (

    select
        store_id,
        {{ window_start(var('interest_days'), 'timezone') }} as recent_from
    from {{ ref('stg_stores') }}

),

interactions as (

    select
        interactions.*,
        identities.customer_id,
        interactions.occurred_at >= stores.recent_from as is_recent
    from {{ ref('int_product_interactions') }} as interactions
    inner join stores on interactions.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('interactions') }}
    -- what somebody bought is in the shop's books; who asked not to be tracked is not known by it
    where
        interactions.is_service is not true
        and interactions.is_giveaway is not true
        and (identities.store_id, identities.customer_id) not in (
            select
                customers.store_id,
                customers.customer_id
            from {{ ref('int_customers') }} as customers
            where customers.do_not_track
        )

),

products as (

    -- counted before the rest: a product has one category and one vertical nearly always
    select
        store_id,
        customer_id,
        product_id,
        product_category,
        vertical,
        count(*) as score,
        sum(case when is_recent then 1 else 0 end) as recent_score,
        max(occurred_at) as last_interaction_at
    from interactions
    group by store_id, customer_id, product_id, product_category, vertical

),

counted as (

    {%- for kind, item in [('product', 'product_id'), ('category', 'product_category'), ('vertical', 'vertical')] %}
        select
            store_id,
            customer_id,
            '{{ kind }}' as kind,
            {{ item }} as item_id,
            cast(sum(score) as bigint) as score,
            cast(sum(recent_score) as bigint) as recent_score,
            max(last_interaction_at) as last_interaction_at
        from products
        where {{ item }} is not null
        group by store_id, customer_id, {{ item }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    store_id,
    customer_id,
    kind,
    item_id,
    score,
    recent_score,
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
