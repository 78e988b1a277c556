with dominants as (

    select
        store_id,
        axis_name,
        segment_id,
        count(*) as customer_count
    from {{ ref('int_axis_dominants') }}
    group by store_id, axis_name, segment_id

),

populations as (

    select
        store_id,
        axis_name,
        sum(customer_count) as population
    from dominants
    group by store_id, axis_name

),

-- each feature of a segment: where its centre lies, and what it was scaled by
features as (

    select
        store_id,
        segment_id,
        unnest(features) as feature,
        unnest(transforms) as feature_transform,
        unnest(centre) as centre,
        unnest(centre_scaled) as z_score,
        unnest(scaler_mean) as scaler_mean,
        unnest(scaler_std) as scaler_std
    from {{ ref('int_axis_segments') }}
    where is_current

),

described as (

    select
        store_id,
        segment_id,
        {{ json_object_of('feature', 'centre') }} as cluster_center,
        {{ json_object_of('feature', 'z_score') }} as cluster_center_scaled,
        {{ json_object_of('feature', json_object({'mean': 'scaler_mean', 'std': 'scaler_std', 'transform': 'feature_transform'})) }}
            as scaler_params
    from features
    group by store_id, segment_id

),

-- how far each fit found the centre from where the one before had, and how long it had been
moves as (

    select
        store_id,
        segment_id,
        distance_moved,
        {{ elapsed_seconds('lag(as_of) over fits', 'as_of') }} / (7 * 86400) as weeks,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('axis_segment_changes') }}
    window fits as (partition by store_id, segment_id order by as_of)

),

velocities as (

    select
        store_id,
        segment_id,
        sum(distance_moved) / sum(weeks) as drift_velocity
    from moves
    where recency_rank <= 4 and weeks > 0
    group by store_id, segment_id

)

select
    cast(segments.store_id as text) as store_id,
    cast(segments.segment_id as text) as segment_id,
    cast(segments.axis_number as bigint) as axis_number,
    cast(segments.axis_name as text) as axis_name,
    cast(segments.segment_key as text) as segment_key,
    cast(segments.segment_name as text) as segment_name,
    cast(segments.segment_interpretation as text) as interpretation,
    cast(segments.name_source as text) as name_source,
    cast(segments.segment_number as bigint) as segment_number,
    cast(segments.segment_count as bigint) as segment_count,
    cast(described.cluster_center as {{ json_type() }}) as cluster_center,
    cast(described.cluster_center_scaled as {{ json_type() }}) as cluster_center_scaled,
    cast(described.scaler_params as {{ json_type() }}) as scaler_params,
    cast(coalesce(dominants.customer_count, 0) as bigint) as customer_count,
    {{ round_to('coalesce(' ~ ratio('dominants.customer_count', 'populations.population') ~ ', 0)', 6) }} as population_percentage,
    cast(segments.silhouette as double precision) as silhouette,
    segments.is_low_quality,
    segments.is_gradual,
    {{ round_to('velocities.drift_velocity', 6) }} as drift_velocity,
    cast(segments.fingerprint_position as bigint) as fingerprint_position,
    cast(segments.first_fitted_at as timestamp) as first_fitted_at,
    cast(segments.last_fitted_at as timestamp) as last_fitted_at
from {{ ref('int_axis_segment_names') }} as segments
inner join described on segments.store_id = described.store_id and segments.segment_id = described.segment_id
left join dominants on segments.store_id = dominants.store_id and segments.segment_id = dominants.segment_id
left join velocities on segments.store_id = velocities.store_id and segments.segment_id = velocities.segment_id
left join populations on segments.store_id = populations.store_id and segments.axis_name = populations.axis_name
where segments.is_current
