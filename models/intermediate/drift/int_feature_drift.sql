with bins as (

    select
        later.store_id,
        later.axis_name,
        later.feature,
        later.as_of,
        later.reference_as_of,
        later.bin_number,
        later.people,
        earlier.people as earlier_people
    from {{ ref('feature_bins') }} as later
    inner join {{ ref('feature_bins') }} as earlier
        on
            later.store_id = earlier.store_id
            and later.axis_name = earlier.axis_name
            and later.feature = earlier.feature
            and later.reference_as_of = earlier.as_of
            and earlier.as_of = earlier.reference_as_of
            and later.bin_number = earlier.bin_number
    where
        later.reference_as_of < later.as_of
        and later.as_of <= {{ as_of() }}
        -- under other settings people differ, and nobody changed
        and (earlier.settings_hash is null or later.settings_hash = earlier.settings_hash)

),

-- half a person more in each bin, so that an empty one is a small share and not none
totals as (

    select
        *,
        people + 0.5 as weight,
        earlier_people + 0.5 as earlier_weight,
        count(*) over each_feature as bin_count,
        sum(people) over each_feature as all_people,
        sum(earlier_people) over each_feature as all_earlier_people
    from bins
    window each_feature as (partition by store_id, axis_name, feature, as_of)

),

shares as (

    select
        *,
        {{ ratio('weight', 'all_people + 0.5 * bin_count') }} as people_share,
        {{ ratio('earlier_weight', 'all_earlier_people + 0.5 * bin_count') }} as earlier_share
    from totals

),

indexes as (

    select
        store_id,
        axis_name,
        feature,
        as_of,
        reference_as_of,
        bin_count,
        cast(all_people as bigint) as people,
        cast(all_earlier_people as bigint) as earlier_people,
        {{ round_to('sum((people_share - earlier_share) * ln(people_share / earlier_share))', 9) }} as psi,
        {{ ratio(1, 'all_people') }} + {{ ratio(1, 'all_earlier_people') }} as spread
    from shares
    where bin_count > 1 and all_people > 0 and all_earlier_people > 0
    group by store_id, axis_name, feature, as_of, reference_as_of, bin_count, all_people, all_earlier_people

),

-- what chi-square exceeds once in a hundred times
quantiles as (

    select
        *,
        case bin_count - 1
            when 1 then 6.635
            when 2 then 9.210
            when 3 then 11.345
            when 4 then 13.277
            when 5 then 15.086
            when 6 then 16.812
            when 7 then 18.475
            when 8 then 20.090
            when 9 then 21.666
        end as quantile
    from indexes

),

compared as (

    select
        *,
        {{ round_to('quantile * spread', 9) }} as threshold,
        {{ round_to(chi_square_as_normal('psi / spread', 'bin_count - 1'), 6) }} as z_score
    from quantiles

)

select
    store_id,
    axis_name,
    feature,
    as_of,
    reference_as_of,
    people,
    earlier_people,
    bin_count,
    psi,
    threshold,
    psi > threshold as is_drifted,
    z_score,
    case
        when z_score >= 0 then {{ normal_tail('z_score') }}
        else 1 - {{ normal_tail('-z_score') }}
    end as p_value
from compared
