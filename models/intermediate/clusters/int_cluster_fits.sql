with latest_fits as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('cluster_segments') }}
    where not is_trial and change_type <> 'skipped' and as_of <= {{ as_of() }}

)

select
    store_id,
    axis_name,
    segment_id,
    segment_id as segment_key,
    segment_number,
    segment_count,
    is_current,
    features,
    transforms,
    scaler_mean,
    scaler_std,
    centre_scaled,
    centre,
    fuzzifier,
    population,
    sample_share,
    silhouette,
    is_low_quality,
    is_gradual,
    first_fitted_at,
    as_of as last_fitted_at
from latest_fits
where recency_rank = 1
