-- A single order says less of how often its customer orders than the store's mean does, and nothing of where that goes: such rates are
-- at most the mean, such trends level and unknown. What came back of an order is known. If it fails, segments tell the shop of loyal or
-- rising customers who came once, or call somebody who sent everything back average.
select
    features.store_id,
    features.customer_id
from {{ ref('int_customer_axis_features') }} as features
left join {{ ref('int_axis_priors') }} as priors
    on features.store_id = priors.store_id and priors.feature = 'orders_per_month'
where
    (features.orders = 1 and features.orders_per_month > coalesce(priors.mean_rate, 0) + 0.000000001)
    or (
        features.in_orders and (features.orders < 3 or features.tenure_days < 120)
        and (
            features.frequency_trend <> 0 or features.frequency_trend_is_known
            or features.acceleration <> 0 or features.acceleration_is_known
        )
    )
    or (features.refunded_orders > 0 and not features.refunded_order_ratio_is_known)
