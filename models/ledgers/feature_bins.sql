with observations as (

    select * from {{ ref('int_feature_observations') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by store_id, axis_name, feature order by feature_value, {{ byte_order('customer_id') }}
        ) as value_rank,
        count(*) over (partition by store_id, axis_name, feature) as people,
        max(feature_value) over (partition by store_id, axis_name, feature) as largest
    from observations

),

-- tonight's deciles, fewer where values tie, and what is above the last
deciles as (

    select distinct
        ranked.store_id,
        ranked.axis_name,
        ranked.feature,
        ranked.feature_value as upper_edge
    from ranked
    cross join unnest(array[1, 2, 3, 4, 5, 6, 7, 8, 9]) as tenths (tenth)
    where ranked.value_rank = ceil(ranked.people * tenths.tenth / 10.0) and ranked.feature_value < ranked.largest
    union all
    select distinct
        store_id,
        axis_name,
        feature,
        cast(null as double precision) as upper_edge
    from ranked

),

bins as (

    select
        store_id,
        axis_name,
        feature,
        {{ as_of() }} as reference_as_of,
        row_number() over (partition by store_id, axis_name, feature order by upper_edge nulls last) as bin_number,
        upper_edge
    from deciles
    {%- if is_incremental() %}
        union all
        -- those of the last night that is thirty days ago
        select
            store_id,
            axis_name,
            feature,
            reference_as_of,
            bin_number,
            upper_edge
        from (
            select
                *,
                max(as_of) over (partition by store_id, axis_name, feature) as latest
            from {{ this }}
            where as_of = reference_as_of and as_of <= {{ shift_time(as_of(), -30, 'days') }}
        ) as earlier
        where as_of = latest
    {%- endif %}

),

edged as (

    select
        *,
        lag(upper_edge) over (partition by store_id, axis_name, feature, reference_as_of order by bin_number) as lower_edge
    from bins

)

select
    edged.store_id,
    edged.axis_name,
    edged.feature,
    edged.reference_as_of,
    edged.bin_number,
    edged.upper_edge,
    count(observations.customer_id) as people,
    {{ feature_settings() }} as settings_hash,
    {{ as_of() }} as as_of
from edged
left join observations
    on
        edged.store_id = observations.store_id
        and edged.axis_name = observations.axis_name
        and edged.feature = observations.feature
        -- comparisons that a hash join takes, which "or is null" is none of
        and coalesce(edged.lower_edge, cast('-infinity' as double precision)) < observations.feature_value
        and coalesce(edged.upper_edge, cast('infinity' as double precision)) >= observations.feature_value
group by edged.store_id, edged.axis_name, edged.feature, edged.reference_as_of, edged.bin_number, edged.upper_edge
