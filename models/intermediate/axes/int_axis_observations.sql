with populations as (

    select
        store_id,
        customer_id,
        true as in_orders,
        false as in_events,
        false as in_tickets
    from {{ ref('int_axis_order_features') }}
    union all
    -- of who answered no message, and came by none, no preference is known
    select
        store_id,
        customer_id,
        false as in_orders,
        true as in_events,
        false as in_tickets
    from {{ ref('int_axis_event_features') }}
    union all
    select
        store_id,
        customer_id,
        false as in_orders,
        false as in_events,
        true as in_tickets
    from {{ ref('int_axis_ticket_features') }}

),

people as (

    select
        store_id,
        customer_id,
        bool_or(in_orders) as in_orders,
        bool_or(in_events) as in_events,
        bool_or(in_tickets) as in_tickets
    from populations
    where (store_id, customer_id) not in (
        select
            customers.store_id,
            customers.customer_id
        from {{ ref('int_customers') }} as customers
        where customers.do_not_track
    )
    group by store_id, customer_id

),

earliest as (

    -- an identifier of their own, which a merge leaves to one of the two, so that samples stay as they were
    select
        store_id,
        customer_id,
        min({{ byte_order('identifier') }}) as identifier
    from {{ ref('customer_identities') }}
    group by store_id, customer_id

)

select
    people.store_id,
    people.customer_id,
    people.in_orders,
    people.in_events,
    people.in_tickets,
    md5({{ sql_text(var('fit_seed') ~ ':') }} || earliest.identifier) as sample_key,
    events.primary_channel,
    events.preferred_hour,
    orders.orders,
    orders.order_days,
    orders.effective_orders,
    habits.refunded_orders,
    habits.discounted_orders,
    products.later_items,
    products.later_orders,
    events.responses,
    -- who has an order and no ticket has none
    coalesce(tickets.tickets, case when orders.orders > 0 then 0 end) as tickets,
    tickets.tickets_with_reopens,
    orders.avg_days_between_orders,
    orders.purchase_consistency,
    orders.lifetime_value,
    orders.avg_order_value,
    orders.value_trend,
    items.unique_categories,
    items.category_diversity,
    products.exploration_breadth,
    habits.discount_rate,
    habits.discounted_order_ratio,
    items.full_price_ratio,
    habits.weekend_ratio,
    habits.business_hours_ratio,
    habits.evening_ratio,
    habits.timing_consistency,
    orders.tenure_days,
    orders.maturity_score,
    orders.acceleration,
    products.repeat_rate,
    products.loyalty_index,
    products.repeat_order_ratio,
    orders.refund_rate,
    sent_back.items_returned_pct,
    habits.refunded_order_ratio,
    events.email_share,
    events.sms_share,
    events.social_share,
    events.preferred_hour_sine,
    events.preferred_hour_cosine,
    events.event_weekend_ratio,
    sent_back.product_switching,
    habits.discount_dependency,
    orders.frequency_trend,
    orders.days_since_last_order,
    products.product_concentration,
    items.mastery,
    items.avg_item_price,
    items.discount_hunt_score,
    orders.spend_consistency,
    tickets.avg_resolution_hours,
    tickets.reopen_rate,
    tickets.avg_satisfaction
from people
inner join earliest on people.store_id = earliest.store_id and people.customer_id = earliest.customer_id
left join {{ ref('int_axis_order_features') }} as orders
    on people.store_id = orders.store_id and people.customer_id = orders.customer_id
left join {{ ref('int_axis_habit_features') }} as habits
    on people.store_id = habits.store_id and people.customer_id = habits.customer_id
left join {{ ref('int_axis_item_features') }} as items
    on people.store_id = items.store_id and people.customer_id = items.customer_id
left join {{ ref('int_axis_product_features') }} as products
    on people.store_id = products.store_id and people.customer_id = products.customer_id
left join {{ ref('int_axis_return_features') }} as sent_back
    on people.store_id = sent_back.store_id and people.customer_id = sent_back.customer_id
left join {{ ref('int_axis_event_features') }} as events
    on people.store_id = events.store_id and people.customer_id = events.customer_id
left join {{ ref('int_axis_ticket_features') }} as tickets
    on people.store_id = tickets.store_id and people.customer_id = tickets.customer_id
