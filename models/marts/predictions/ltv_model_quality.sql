{{ config(materialized='view') }}

select
    cast(store_id as text) as store_id,
    cast(as_of as timestamp) as as_of,
    cast(target as text) as target,
    cast(model as text) as model_name,
    is_chosen,
    cast(reason as text) as reason,
    cast(holdout_customers as bigint) as holdout_customers,
    cast(deviance as double precision) as deviance,
    cast(total_error as double precision) as total_error,
    cast(mae as double precision) as mae,
    cast(gini as double precision) as gini,
    cast(auc as double precision) as auc,
    cast(calibration as {{ json_type() }}) as calibration,
    cast(baseline_spend_mae as double precision) as baseline_spend_mae,
    cast(baseline_rate_mae as double precision) as baseline_rate_mae,
    cast(baseline_spend_gini as double precision) as baseline_spend_gini,
    cast(baseline_rate_gini as double precision) as baseline_rate_gini,
    cast(baseline_recency_auc as double precision) as baseline_recency_auc,
    cast(baseline_frequency_auc as double precision) as baseline_frequency_auc,
    beats_baselines
from {{ ref('ltv_models') }}
where as_of <= {{ as_of() }}
