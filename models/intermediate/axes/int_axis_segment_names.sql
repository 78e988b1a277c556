with ai_names as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('ai_segment_names') }}
    where status = 'named' and as_of <= {{ as_of() }}

)

select
    segments.store_id,
    segments.axis_number,
    segments.axis_group,
    segments.axis_name,
    segments.segment_id,
    segments.segment_number,
    segments.segment_count,
    segments.is_current,
    segments.change_type,
    segments.fingerprint_position,
    segments.segment_key,
    segments.csv_name,
    segments.interpretation,
    segments.features,
    segments.transforms,
    segments.scaler_mean,
    segments.scaler_std,
    segments.centre_scaled,
    segments.centre,
    segments.fuzzifier,
    segments.population,
    segments.sample_size,
    segments.sample_share,
    segments.silhouette,
    segments.silhouettes,
    segments.is_low_quality,
    segments.is_gradual,
    segments.first_fitted_at,
    segments.last_fitted_at,
    coalesce(ai_names.segment_name, segments.csv_name) as segment_name,
    coalesce(ai_names.interpretation, segments.interpretation) as segment_interpretation,
    case when ai_names.segment_id is null then 'seed' else 'ai' end as name_source
from {{ ref('int_axis_seed_names') }} as segments
left join ai_names
    on segments.store_id = ai_names.store_id and segments.segment_id = ai_names.segment_id and ai_names.recency_rank = 1
