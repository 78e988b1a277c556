-- If this fails, a segment of an axis would have no name, or a word that rules use would mean one thing in a store with
-- three segments and the opposite in one with four: each row names a line of seeds/axes/axis_segment_names.csv and why.
with expected as (

    select
        axes.axis_name,
        cast(counts.segment_count as integer) as segment_count,
        cast(numbers.segment_number as integer) as segment_number
    from (select distinct axis_name from {{ ref('axes') }}) as axes
    cross join generate_series(2, 6) as counts (segment_count)
    cross join generate_series(1, 6) as numbers (segment_number)
    where numbers.segment_number <= counts.segment_count

),

sided as (

    select
        *,
        sign(2 * segment_number - segment_count - 1) as side
    from {{ ref('axis_segment_names') }}

),

compared as (

    select
        *,
        min(side) over (partition by axis_name, segment_word) as lowest_side_of_word,
        max(side) over (partition by axis_name, segment_word) as highest_side_of_word,
        min(side) over (partition by axis_name, segment_name) as lowest_side_of_name,
        max(side) over (partition by axis_name, segment_name) as highest_side_of_name
    from sided

),

judged as (

    select
        coalesce(expected.axis_name, named.axis_name) as axis_name,
        coalesce(expected.segment_count, named.segment_count) as segment_count,
        coalesce(expected.segment_number, named.segment_number) as segment_number,
        case
            when named.axis_name is null then 'the segment has no row'
            when expected.axis_name is null then 'there is no such axis, count of segments or rank'
            when named.segment_word is null or not {{ matches('named.segment_word', '[a-z][a-z0-9]*(_[a-z0-9]+)*') }}
                then 'the word is not in snake_case'
            when named.segment_name is null or not {{ matches('named.segment_name', '[a-z][a-z0-9]*(_[a-z0-9]+)*') }}
                then 'the name is not in snake_case'
            when length(named.segment_name) > 40 then 'the name is longer than 40 characters'
            when coalesce(length(named.interpretation), 0) not between 1 and 200
                then 'the interpretation is missing or longer than 200 characters'
            when named.lowest_side_of_word <> named.highest_side_of_word
                then 'the word is on another side of the middle in another number of segments'
            when named.lowest_side_of_name < 0 and named.highest_side_of_name > 0
                then 'the name is below the middle in one number of segments and above it in another'
        end as reason
    from expected
    full outer join compared as named
        on
            expected.axis_name = named.axis_name
            and expected.segment_count = named.segment_count
            and expected.segment_number = named.segment_number

)

select
    axis_name,
    segment_count,
    segment_number,
    reason
from judged
where reason is not null
