-- If this fails, a name could not be used or a sentence not be read, or an axis would have no words for its ends: each row names
-- a line of seeds/axes and why. Claims are read when names are given, and one that cannot be read stops the build.
with named as (

    select
        given.axis_name,
        given.segment_name,
        case
            when given.segment_name is null or not {{ matches('given.segment_name', '[a-z][a-z0-9]*(_[a-z0-9]+)*') }}
                then 'the name is not in snake_case'
            when length(given.segment_name) > 40 then 'the name is longer than 40 characters'
            when given.claims is null then 'the name claims nothing'
            when coalesce(length(given.sentence), 0) not between 1 and 200 then 'the sentence is missing or longer than 200 characters'
        end as reason
    from {{ ref('axis_segment_names') }} as given

),

worded as (

    select
        axes.axis_name,
        cast(null as text) as segment_name,
        case
            when words.axis_name is null then 'the axis has no words'
            when words.low_word = words.high_word then 'both ends have one word'
            when not {{ matches("words.low_word || '_' || words.high_word || '_' || words.noun", '[a-z][a-z0-9]*(_[a-z0-9]+)*') }}
                then 'the words are not in snake_case'
        end as reason
    from (select distinct axis_name from {{ ref('axes') }}) as axes
    left join {{ ref('axis_words') }} as words on axes.axis_name = words.axis_name

),

featured as (

    select
        axes.axis_name,
        axes.feature as segment_name,
        case
            when words.feature is null then 'the feature has no words'
            when words.low_word = words.high_word then 'low and high have one word'
            when coalesce(words.low_word, '') = '' and coalesce(words.high_word, '') = '' then null
            when not {{ matches("words.low_word || '_' || words.high_word", '[a-z][a-z0-9]*(_[a-z0-9]+)*') }}
                then 'the words are not in snake_case'
            when position('{}' in words.tells) = 0 then 'the sentence has no place for the number'
        end as reason
    from {{ ref('axes') }} as axes
    left join {{ ref('feature_words') }} as words on axes.feature = words.feature
    where axes.is_enabled = 'true'

)

select * from named
where reason is not null
union all
select * from worded
where reason is not null
union all
select * from featured
where reason is not null
