with counted as (

    select
        store_id,
        segment_ids,
        count(*) as customer_count
    from {{ ref('int_archetype_tuples') }}
    group by store_id, segment_ids

),

ranked as (

    select
        *,
        sum(customer_count) over (partition by store_id) as everybody,
        row_number() over (partition by store_id order by customer_count desc, {{ byte_order('segment_ids') }}) as archetype_number
    from counted

)

select
    store_id,
    archetype_number,
    'archetype-' || md5({{ composed_key(['store_id', 'segment_ids']) }}) as archetype_id,
    string_to_array(segment_ids, ',') as segment_ids,
    customer_count,
    {{ round_to(ratio('customer_count', 'everybody'), 6) }} as population_percentage
from ranked
where archetype_number <= {{ var('max_archetypes') }} and customer_count >= {{ var('min_archetype_people') }}
