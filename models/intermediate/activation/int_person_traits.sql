{{ config(materialized='view') }}

{%- set weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] %}
{%- set traits = {
    'country': 'people', 'acquisition_source': 'people',
    'preferred_device': 'habits', 'channel_preference': 'habits', 'shopping_day': 'habits',
    'bought_category': 'purchases', 'bought_product': 'purchases'
} %}

with people as (

    select
        store_id,
        customer_id,
        country,
        acquisition_source
    from {{ ref('int_profile_facts') }}
    where is_identified and not coalesce(do_not_track, false)

),

habits as (

    select
        preferences.store_id,
        preferences.customer_id,
        preferences.preferred_device,
        preferences.channel_preference,
        case preferences.shopping_day_preference
            {%- for day in weekdays %}
                when {{ loop.index0 }} then '{{ day }}'
            {%- endfor %}
        end as shopping_day
    from {{ ref('int_preferences') }} as preferences
    inner join people on preferences.store_id = people.store_id and preferences.customer_id = people.customer_id

),

purchases as (

    select
        purchased.store_id,
        purchased.customer_id,
        purchased.product_category as bought_category,
        purchased.product_id as bought_product
    from {{ ref('int_purchased_products') }} as purchased
    inner join people on purchased.store_id = people.store_id and purchased.customer_id = people.customer_id

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
