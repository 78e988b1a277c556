-- detectSegmentDrift: how each segment has changed in thirty days, and what changed its revenue of 28; null where it is younger
select
    segments.segment_id,
    segments.name,
    drift.activity_date,
    drift.member_count,
    drift.earlier_member_count,
    drift.customer_count_drift,
    drift.conversion_rate_drift,
    drift.aov_drift,
    drift.significant_drift,
    changes.revenue_change,
    changes.joined_effect,
    changes.left_effect,
    changes.orders_per_member_effect,
    changes.value_per_order_effect,
    changes.refunds_effect
from {{ ref('segments') }} as segments
inner join {{ ref('stg_stores') }} as stores on segments.store_id = stores.store_id
left join {{ ref('segment_drift') }} as drift
    on
        segments.store_id = drift.store_id
        and segments.segment_id = drift.segment_id
        and drift.activity_date = {{ as_of_date('stores.timezone') }} - 1
left join {{ ref('segment_revenue_change') }} as changes
    on segments.store_id = changes.store_id and segments.segment_id = changes.segment_id
where segments.store_id = {{ sql_text(var('store_id', 'store_1')) }} and segments.is_active
order by abs(changes.revenue_change) desc nulls last, {{ byte_order('segments.segment_id') }}
