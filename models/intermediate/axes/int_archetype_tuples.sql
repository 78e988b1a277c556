{{ config(materialized='view') }}

{%- set numbers, dominants = [], [] %}
{%- for axis in var('archetype_axes') %}
    {%- do numbers.append('max(case when axis_name = ' ~ sql_text(axis) ~ ' then axis_number end) as axis_' ~ loop.index) %}
    {%- do dominants.append('fingerprints.dominant_segment_ids[axis_numbers.axis_' ~ loop.index ~ ']') %}
{%- endfor %}

-- names of axes, and so ids of their segments, hold no commas
with axis_numbers as (

    select {{ numbers | join(', ') }}
    from {{ ref('axes') }}

),

fitted as (

    select
        store_id,
        count(distinct axis_name) as axis_count
    from {{ ref('int_axis_segments') }}
    where is_current and axis_name in {{ sql_list(var('archetype_axes')) }}
    group by store_id

),

tuples as (

    select
        fingerprints.store_id,
        fingerprints.customer_id,
        fingerprints.fingerprint,
        {{ texts_joined(dominants) }} as segment_ids
    from {{ ref('axis_fingerprints') }} as fingerprints
    cross join axis_numbers

)

-- who is not on all of the axes that the store has is of no archetype
select
    tuples.store_id,
    tuples.customer_id,
    tuples.fingerprint,
    tuples.segment_ids
from tuples
inner join fitted on tuples.store_id = fitted.store_id
where tuples.segment_ids <> '' and length(tuples.segment_ids) - length(replace(tuples.segment_ids, ',', '')) + 1 = fitted.axis_count
