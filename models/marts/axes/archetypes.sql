{%- set places = [] %}
{%- for axis in var('archetype_axes') %}
    {%- do places.append('when ' ~ sql_text(axis) ~ ' then ' ~ loop.index) %}
{%- endfor %}

with members as (

    select
        memberships.store_id,
        memberships.archetype_id,
        count(*) as member_count,
        {{ money(ratio(
            'sum(' ~ known_money('net_revenue', 'totals') ~ ')', 'count(' ~ known_money('net_revenue', 'totals') ~ ')'
        )) }} as average_value
    from {{ ref('archetype_memberships') }} as memberships
    left join {{ ref('int_activity_totals') }} as totals
        on memberships.store_id = totals.store_id and memberships.customer_id = totals.customer_id
    group by memberships.store_id, memberships.archetype_id

),

parts as (

    select
        store_id,
        archetype_id,
        unnest(segment_ids) as segment_id
    from {{ ref('int_archetypes') }}

),

described as (

    select
        parts.store_id,
        parts.archetype_id,
        string_agg(segments.segment_name, ', ' order by case segments.axis_name {{ places | join(' ') }} end) as interpretation,
        {{ json_object_of('segments.axis_name', 'segments.segment_name') }} as dominant_segments
    from parts
    inner join {{ ref('int_axis_segment_names') }} as segments
        on parts.store_id = segments.store_id and parts.segment_id = segments.segment_id
    group by parts.store_id, parts.archetype_id

)

select
    cast(archetypes.store_id as text) as store_id,
    cast(archetypes.archetype_id as text) as archetype_id,
    cast(archetypes.archetype_number as bigint) as archetype_number,
    cast(described.interpretation as text) as interpretation,
    cast(described.dominant_segments as {{ json_type() }}) as dominant_segments,
    cast(archetypes.segment_ids as text[]) as segment_ids,
    cast(archetypes.customer_count as bigint) as exact_count,
    cast(archetypes.population_percentage as double precision) as exact_percentage,
    cast(members.member_count as bigint) as member_count,
    cast(members.average_value as numeric(18, 2)) as average_value
from {{ ref('int_archetypes') }} as archetypes
inner join described on archetypes.store_id = described.store_id and archetypes.archetype_id = described.archetype_id
inner join members on archetypes.store_id = members.store_id and archetypes.archetype_id = members.archetype_id
