{{ config(materialized='view') }}

with axes as (

    select
        axis_name,
        min(axis_number) as axis_number
    from {{ ref('axes') }}
    group by axis_name

),

words as (

    select
        axis_name,
        unnest(array[low_word, high_word, '1', '2', '3', '4', '5']) as word
    from {{ ref('axis_words') }}

),

-- fields that name an axis, or the key of a segment of one, are numbers
axis_fields as (

    select
        'axis_position.' || axis_name as field,
        'axis_position' as profile_field,
        axis_number
    from axes
    union all
    select
        'axis_membership.' || axes.axis_name || ':' || words.word as field,
        'axis_membership' as profile_field,
        axes.axis_number
    from axes
    inner join words on axes.axis_name = words.axis_name

)

select
    field,
    cast(null as integer) as axis_number,
    field_type,
    level as field_level,
    min_value,
    max_value
from {{ ref('profile_fields') }}
union all
select
    axis_fields.field,
    axis_fields.axis_number,
    'number' as field_type,
    profile_fields.level as field_level,
    profile_fields.min_value,
    profile_fields.max_value
from axis_fields
inner join {{ ref('profile_fields') }} as profile_fields on axis_fields.profile_field = profile_fields.field
