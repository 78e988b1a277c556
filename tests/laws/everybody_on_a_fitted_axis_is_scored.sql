-- Whoever is in the population of an axis that has segments is in exactly one dominant segment of it, and nobody else is. If
-- it fails, people are lost between the features and the scores.
with axes as (

    select distinct
        segments.store_id,
        segments.axis_name,
        axes.population
    from {{ ref('int_axis_segments') }} as segments
    inner join {{ ref('axes') }} as axes on segments.axis_name = axes.axis_name
    where segments.is_current

),

people as (

    select
        features.store_id,
        features.customer_id,
        axes.axis_name
    from {{ ref('int_customer_axis_features') }} as features
    inner join axes
        on
            features.store_id = axes.store_id
            and case axes.population
                when 'orders' then features.in_orders
                when 'events' then features.in_events
                else features.in_tickets
            end

)

select
    coalesce(people.store_id, dominants.store_id) as store_id,
    coalesce(people.customer_id, dominants.customer_id) as customer_id,
    coalesce(people.axis_name, dominants.axis_name) as axis_name
from people
full outer join {{ ref('int_axis_dominants') }} as dominants
    on
        people.store_id = dominants.store_id
        and people.customer_id = dominants.customer_id
        and people.axis_name = dominants.axis_name
where people.customer_id is null or dominants.customer_id is null
