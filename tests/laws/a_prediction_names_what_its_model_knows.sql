-- Fails where a prediction claims to rest on what its model does not look at, or keeps silent about what it does.
with used as (

    select
        store_id,
        customer_id,
        prediction_type,
        model_version,
        cast(features_used as text) as features
    from {{ ref('predictions') }}

)

select *
from used
where
    features is null
    or (model_version = 'rate' and features <> '{}')
    or (model_version = 'recency' and (features not like '%days_since_seen%' or features like '%frequency%'))
    or (model_version = 'clockwork' and features not like '%due_days%')
    or (model_version like 'challenger%' and features not like '%sessions_90%')
    or (
        model_version in ('bg_nbd', 'mbg_nbd', 'pareto_nbd', 'mbg_cnbd_2', 'mbg_cnbd_4', 'mbg_cnbd_8')
        and (features not like '%recency_weeks%' or features like '%days_since_seen%' or features like '%mean_spend%')
    )
    or (prediction_type = 'upgrade' and (features not like '%mean_spend%' or features like '%frequency%'))
    or (model_version like '%\_x\_store\_mean' escape '\' and model_version not like 'challenger%' and features like '%mean_spend%')
