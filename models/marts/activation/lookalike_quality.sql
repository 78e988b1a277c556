with segments as (

    select
        store_id,
        segment_id,
        count(*) as members,
        sum(case when is_on_axes then 1 else 0 end) as members_on_axes
    from {{ ref('int_lookalike_members') }}
    group by store_id, segment_id

),

people as (

    select
        store_id,
        count(*) as people
    from {{ ref('int_customer_axis_features') }}
    group by store_id

),

ranked as (

    select
        store_id,
        segment_id,
        is_member,
        row_number() over (partition by store_id, segment_id order by probability desc, {{ byte_order('customer_id') }}) as likeness_rank,
        count(*) over (partition by store_id, segment_id) as people
    from {{ ref('lookalike_scores') }}

),

chances as (

    -- of people with the same chance half are taken to be right
    select
        store_id,
        segment_id,
        sum(case when is_member then 1 else 0 end) as members,
        sum(case when is_member then 0 else 1 end) as strangers,
        2 * sum(sum(case when is_member then 0 else 1 end)) over (
            partition by store_id, segment_id order by probability
        ) - sum(case when is_member then 0 else 1 end) as twice_strangers_below
    from {{ ref('lookalike_scores') }}
    group by store_id, segment_id, probability

),

areas as (

    select
        store_id,
        segment_id,
        {{ round_to(ratio('sum(members * twice_strangers_below)', '2 * sum(members) * sum(strangers)'), 6) }} as auc
    from chances
    group by store_id, segment_id

),

shares as (

    select unnest(array[1, 5, 10, 20, 50]) as top_percent

),

taken as (

    select
        ranked.store_id,
        ranked.segment_id,
        shares.top_percent,
        max(ranked.people) as people,
        count(*) as people_taken,
        sum(case when ranked.is_member then 1 else 0 end) as members_found
    from ranked
    inner join shares on (ranked.likeness_rank - 1) * 100 < ranked.people * shares.top_percent
    group by ranked.store_id, ranked.segment_id, shares.top_percent

)

select
    cast(segments.store_id as text) as store_id,
    cast(segments.segment_id as text) as segment_id,
    cast({{ ratio('shares.top_percent', '100') }} as double precision) as top_share,
    areas.auc is not null as is_scored,
    cast(
        case
            when areas.auc is not null then null
            when segments.members_on_axes < {{ var('lookalike_min_members') }}
                then segments.members_on_axes || ' of at least {{ var('lookalike_min_members') }} members are on an axis'
            when coalesce(people.people, 0) - segments.members_on_axes < {{ var('lookalike_min_members') }}
                then 'fewer than {{ var('lookalike_min_members') }} others are on an axis'
            else 'what the axes measure does not tell members from others'
        end as text
    ) as reason,
    cast(segments.members as bigint) as members,
    cast(segments.members_on_axes as bigint) as members_on_axes,
    cast(areas.auc as double precision) as auc,
    cast(taken.people_taken as bigint) as people_taken,
    cast(taken.members_found as bigint) as members_found,
    cast({{ round_to(ratio('taken.members_found', 'taken.people_taken'), 6) }} as double precision) as member_share,
    cast({{ round_to(ratio('taken.members_found', 'segments.members_on_axes'), 6) }} as double precision) as recall,
    cast({{ round_to(
        ratio('cast(taken.members_found as double precision) * taken.people', 'cast(taken.people_taken as double precision) * segments.members_on_axes'), 6
    ) }} as double precision) as lift
from segments
cross join shares
left join people on segments.store_id = people.store_id
left join areas on segments.store_id = areas.store_id and segments.segment_id = areas.segment_id
left join taken
    on segments.store_id = taken.store_id and segments.segment_id = taken.segment_id and shares.top_percent = taken.top_percent
