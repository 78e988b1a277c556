-- getLTVPredictions: who is at risk, the likeliest to be gone first, and of equals whose next year is worth most, a page after the var skip
select
    customer_id,
    current_ltv,
    predicted_ltv_1year,
    predicted_ltv_3year,
    predicted_ltv_5year,
    churn_probability,
    growth_potential,
    confidence_score,
    prediction_date,
    valid_until
from {{ ref('customer_ltv_predictions') }}
where store_id = {{ sql_text(var('store_id', 'store_1')) }} and churn_probability > 0.5
order by churn_probability desc, predicted_ltv_1year desc, {{ byte_order('customer_id') }}
limit {{ var('page_size', 100) }} offset {{ var('skip', 0) }}
