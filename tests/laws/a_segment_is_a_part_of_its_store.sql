-- If this fails, the members of a segment did, spent or were more on a day than everybody of the store together.
select
    segments.store_id,
    segments.activity_date,
    segments.segment_id
from {{ ref('daily_metrics') }} as segments
left join {{ ref('daily_metrics') }} as stores
    on segments.store_id = stores.store_id and segments.activity_date = stores.activity_date and stores.is_store
where
    not segments.is_store
    and (
        stores.store_id is null
        or segments.visits > stores.visits
        or segments.visits_with_order > stores.visits_with_order
        or segments.page_views > stores.page_views
        or segments.orders > stores.orders
        or segments.buyers > stores.buyers
        or segments.gross_revenue > stores.gross_revenue
        or segments.refunded_amount > stores.refunded_amount
        or segments.emails_sent > stores.emails_sent
        or segments.total_customers > stores.total_customers
        or segments.active_customers > stores.active_customers
        or segments.churned_customers > stores.churned_customers
        or segments.total_customers > segments.members
        or segments.active_customers > segments.active_members
        or segments.members - segments.members_joined + segments.members_left < segments.members_left
    )
