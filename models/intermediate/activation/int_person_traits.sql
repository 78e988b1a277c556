{{ config(materialized='view') }}

{%- set weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
{%- set traits = {
    'country': 'people', 'acquisition_source': 'people', 'rfm_segment': 'people',
    'preferred_device': 'habits', 'channel_preference': 'habits', 'shopping_day': 'habits',
    'bought_category': 'purchases', 'bought_product': 'purchases'
} %}

with people as (

    select
        store_id,
        customer_id,
        country,
        acquisition_source,
        rfm_segment
    from {{ ref('int_profile_facts') }}
    where is_identified and not coalesce(do_not_track, false)

),

habits as (

    select
        store_id,
        customer_id,
        preferred_device,
        channel_preference,
        case shopping_day_preference
            {%- for day in weekdays %}
                when {{ loop.index0 }} then '{{ day }}'
            {%- endfor %}
        end as shopping_day
    from {{ ref('int_preferences') }}

),

purchases as (

    select
        store_id,
        customer_id,
        product_category as bought_category,
        product_id as bought_product
    from {{ ref('int_purchased_products') }}

),

counted as (

    {%- for trait, source in traits.items() %}
        select
            store_id,
            customer_id,
            '{{ trait }}' as trait,
            {{ trait }} as trait_value,
            count(*) as times
        from {{ source }}
        where {{ trait }} is not null
        group by store_id, customer_id, {{ trait }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

)

select
    store_id,
    customer_id,
    trait,
    trait_value,
    -- whole numbers: sums of doubles depend on the order of rows
    cast(round(
        {{ ratio('1000000 * times', 'sum(times) over (partition by store_id, customer_id, trait)') }}
    ) as bigint) as millionths
from counted
