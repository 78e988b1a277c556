-- If this fails, a model of attribution gave credit for more or less than the store, or the members of a segment, paid on a day, or counts
-- other visits.
with models as (

    select
        days.store_id,
        days.activity_date,
        days.segment_id,
        models.attribution_model,
        days.visits,
        days.orders,
        days.new_customers,
        days.gross_revenue,
        days.refunded_amount
    from {{ ref('daily_metrics') }} as days
    cross join {{ ref('attribution_models') }} as models

),

credited as (

    select
        store_id,
        activity_date,
        segment_id,
        attribution_model,
        sum(visits) as visits,
        sum(orders) as orders,
        sum(new_customers) as new_customers,
        sum(gross_revenue) as gross_revenue,
        sum(refunded_amount) as refunded_amount
    from {{ ref('campaign_performance') }}
    group by store_id, activity_date, segment_id, attribution_model

)

select
    models.*,
    credited.gross_revenue as credited_revenue,
    credited.refunded_amount as credited_refunds
from models
left join credited
    on
        models.store_id = credited.store_id
        and models.activity_date = credited.activity_date
        and models.segment_id = credited.segment_id
        and models.attribution_model = credited.attribution_model
where
    models.visits <> coalesce(credited.visits, 0)
    or abs(models.orders - coalesce(credited.orders, 0)) > 1e-6
    or abs(models.new_customers - coalesce(credited.new_customers, 0)) > 1e-6
    or models.gross_revenue <> coalesce(credited.gross_revenue, 0)
    or models.refunded_amount <> coalesce(credited.refunded_amount, 0)
