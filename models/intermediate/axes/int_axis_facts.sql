{{ config(materialized='view') }}

-- what names claim of people beside the features of the axes
select
    features.store_id,
    features.customer_id,
    cast(predictions.churn_probability as double precision) as churn_probability,
    cast(purchases.seasonal_purchase_pattern as double precision) as seasonality
from {{ ref('int_customer_axis_features') }} as features
left join {{ ref('int_predictions') }} as predictions
    on features.store_id = predictions.store_id and features.customer_id = predictions.customer_id
left join {{ ref('int_purchase_features') }} as purchases
    on features.store_id = purchases.store_id and features.customer_id = purchases.customer_id
