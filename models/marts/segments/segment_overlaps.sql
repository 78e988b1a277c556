with members as (

    select
        store_id,
        group_id as segment_id,
        customer_id
    from {{ ref('int_membership_spells') }}
    where kind = 'segment' and left_at is null

),

sizes as (

    select
        store_id,
        segment_id,
        count(*) as member_count
    from members
    group by store_id, segment_id

),

pairs as (

    select
        members.store_id,
        members.segment_id,
        others_in.segment_id as other_segment_id,
        count(*) as shared_count
    from members
    inner join members as others_in
        on
            members.store_id = others_in.store_id
            and members.customer_id = others_in.customer_id
            and members.segment_id <> others_in.segment_id
    group by members.store_id, members.segment_id, others_in.segment_id

)

select
    cast(pairs.store_id as text) as store_id,
    cast(pairs.segment_id as text) as segment_id,
    cast(pairs.other_segment_id as text) as other_segment_id,
    cast(sizes.member_count as bigint) as member_count,
    cast(other_sizes.member_count as bigint) as other_member_count,
    cast(pairs.shared_count as bigint) as shared_count,
    {{ round_to(ratio('pairs.shared_count', 'sizes.member_count'), 6) }} as shared_rate,
    {{ round_to(ratio('pairs.shared_count', 'sizes.member_count + other_sizes.member_count - pairs.shared_count'), 6) }} as jaccard_index
from pairs
inner join sizes on pairs.store_id = sizes.store_id and pairs.segment_id = sizes.segment_id
inner join sizes as other_sizes on pairs.store_id = other_sizes.store_id and pairs.other_segment_id = other_sizes.segment_id
