{{ config(materialized='view') }}

with categories as (

    -- those of the catalogue, and those of what people did something with
    select
        store_id,
        category
    from {{ ref('stg_products') }}
    where category is not null
    union
    select
        store_id,
        item_id as category
    from {{ ref('int_product_affinities') }}
    where kind = 'category'

),

store_categories as (

    select
        store_id,
        count(*) as categories
    from categories
    group by store_id

),

person_categories as (

    -- by their products, and by pages of a category
    select
        store_id,
        customer_id,
        item_id as category
    from {{ ref('int_product_affinities') }}
    where kind = 'category'
    union
    select
        events.store_id,
        identities.customer_id,
        events.product_category as category
    from {{ ref('int_events_enriched') }} as events
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where
        events.fate = 'accepted'
        and events.session_key is not null
        and events.event_type in ('page_view', 'collection_view')
        and events.product_category is not null

)

select
    person_categories.store_id,
    person_categories.customer_id,
    {{ round_to(ratio('count(*)', 'max(store_categories.categories)'), 6) }} as category_exploration
from person_categories
inner join categories on person_categories.store_id = categories.store_id and person_categories.category = categories.category
inner join store_categories on person_categories.store_id = store_categories.store_id
group by person_categories.store_id, person_categories.customer_id
