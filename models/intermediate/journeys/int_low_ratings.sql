{{ config(materialized='view') }}

with rated as (

    select distinct
        value as event_type,
        min_rating
    from {{ ref('journey_rules') }}
    where min_rating is not null

),

names as (

    -- of how many stars it is, as tools write it
    {%- for name in ['rating', 'stars', 'star_rating', 'review_rating', 'score', 'scale', 'best_rating'] %}
        {{ 'union all' if not loop.first }}
        select
            {{ loop.index }} as place,
            '{{ name }}' as name,
            {{ name not in ['scale', 'best_rating'] }} as is_rating
    {%- endfor %}

),

-- few events are of a type that is rated: they are picked before anything is looked for in JSON, whatever the engine would do first
rated_events as materialized (

    select
        events.store_id,
        events.event_id,
        events.properties,
        rated.min_rating
    from {{ ref('stg_events') }} as events
    inner join rated on events.event_type = rated.event_type
    where events.fate = 'accepted'

),

answers as (

    select
        rated_events.store_id,
        rated_events.event_id,
        rated_events.min_rating,
        names.place,
        names.is_rating,
        {{ json_of('rated_events.properties', 'names.name') }} as answer
    from rated_events
    cross join names

),

told as (

    select
        store_id,
        event_id,
        min_rating,
        place,
        is_rating,
        {{ text_of_json('answer') }} as told
    from answers

),

rating_texts as (

    select
        store_id,
        event_id,
        min_rating,
        (array_agg(told order by place) filter (where is_rating and told is not null))[1] as rating,
        (array_agg(told order by place) filter (where not is_rating and told is not null))[1] as best_rating
    from told
    group by store_id, event_id, min_rating

),

ratings as (

    select
        store_id,
        event_id,
        min_rating,
        {{ try_double('rating') }} as rating,
        {{ try_double('best_rating') }} as best_rating
    from rating_texts

)

-- where nothing says of how many, one of more than five stars is of ten, and one of more than ten of a hundred
select
    store_id,
    event_id
from ratings
where 5 * rating < min_rating * case
    when best_rating > 0 then best_rating
    when rating <= 5 then 5
    when rating <= 10 then 10
    else 100
end
