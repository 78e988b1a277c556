with counted as (

    select
        members.store_id,
        members.group_id as segment_id,
        traits.trait,
        traits.trait_value,
        count(*) as people_with,
        {{ ratio('sum(traits.millionths)', '1000000') }} as people,
        {{ ratio(
            'sum(sum(traits.millionths)) over (partition by members.store_id, members.group_id, traits.trait)', '1000000'
        ) }} as people_known
    from {{ ref('int_membership_spells') }} as members
    inner join {{ ref('int_person_traits') }} as traits on members.store_id = traits.store_id and members.customer_id = traits.customer_id
    where members.kind in ('segment', 'axis', 'cluster') and members.left_at is null
    group by members.store_id, members.group_id, traits.trait, traits.trait_value

),

-- others are everybody less the members
everybody as (

    select
        store_id,
        trait,
        trait_value,
        {{ ratio('sum(millionths)', '1000000') }} as people,
        {{ ratio('sum(sum(millionths)) over (partition by store_id, trait)', '1000000') }} as people_known
    from {{ ref('int_person_traits') }}
    group by store_id, trait, trait_value

),

compared as (

    select
        counted.store_id,
        counted.segment_id,
        counted.trait,
        counted.trait_value,
        counted.people_with,
        counted.people,
        counted.people_known,
        everybody.people - counted.people as others_with,
        everybody.people_known - counted.people_known as others_known,
        {{ ratio('everybody.people', 'everybody.people_known') }} as expected_share
    from counted
    inner join everybody
        on
            counted.store_id = everybody.store_id
            and counted.trait = everybody.trait
            and counted.trait_value = everybody.trait_value
    -- of fewer than five nothing is told, and of a segment of everybody there are no others
    where counted.people_with >= 5 and everybody.people_known > counted.people_known + 0.5

),

measured as (

    select
        *,
        {{ round_to(ratio('people', 'people_known'), 6) }} as member_share,
        {{ round_to(ratio('others_with', 'others_known'), 6) }} as others_share,
        {{ round_to('2 * (' ~ [
            likelihood_term('people', 'people_known * expected_share'),
            likelihood_term('others_with', 'others_known * expected_share'),
            likelihood_term('(people_known - people)', 'people_known * (1 - expected_share)'),
            likelihood_term('(others_known - others_with)', 'others_known * (1 - expected_share)')
        ] | join(' + ') ~ ')', 4) }} as evidence
    from compared

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, segment_id, trait
            order by case when member_share > others_share then 0 else 1 end, evidence desc, people desc, {{ byte_order('trait_value') }}
        ) as trait_rank,
        row_number() over (
            partition by store_id, segment_id, trait order by people desc, {{ byte_order('trait_value') }}
        ) as frequency_rank
    from measured

)

select
    cast(ranked.store_id as text) as store_id,
    cast(ranked.segment_id as text) as segment_id,
    cast(segments.name as text) as segment_name,
    cast(ranked.trait as text) as trait,
    cast(ranked.trait_value as text) as trait_value,
    cast(case when ranked.trait = 'bought_product' then products.product_name else ranked.trait_value end as text) as trait_name,
    cast(ranked.trait_rank as bigint) as trait_rank,
    cast(ranked.people_with as bigint) as members_with,
    cast(round(ranked.people_known) as bigint) as members_known,
    cast(ranked.member_share as double precision) as member_share,
    cast(ranked.others_share as double precision) as others_share,
    cast({{ round_to(ratio('ranked.member_share', 'ranked.others_share'), 4) }} as double precision) as lift,
    cast(ranked.evidence as double precision) as evidence,
    -- a fifth more often, by a margin that chance makes once in ten thousand values
    ranked.member_share >= 1.2 * ranked.others_share and ranked.evidence > 15.13 as is_telling
from ranked
inner join {{ ref('int_named_segments') }} as segments
    on ranked.store_id = segments.store_id and ranked.segment_id = segments.segment_id
left join {{ ref('int_product_demand') }} as products
    on ranked.store_id = products.store_id and ranked.trait_value = products.product_id
where ranked.trait_rank <= 20 or ranked.frequency_rank <= 20
