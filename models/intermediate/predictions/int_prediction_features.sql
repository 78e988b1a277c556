with days as (

    select
        days.store_id,
        days.customer_id,
        cutoffs.cutoff,
        days.sessions,
        days.product_view,
        days.add_to_cart,
        days.email_click,
        days.orders,
        days.unvalued_orders,
        cutoffs.cutoff_date - days.activity_date as days_ago,
        days.first_activity_at is not null as is_active,
        days.gross_revenue - days.refunded_amount as net_revenue,
        days.activity_date > cutoffs.cutoff_date as is_outcome
    from {{ ref('int_customer_days') }} as days
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on days.store_id = cutoffs.store_id and days.activity_date <= coalesce(cutoffs.outcome_until, cutoffs.cutoff_date)

),

behavior as (

    select
        store_id,
        customer_id,
        cutoff,
        min(case when is_active and not is_outcome then days_ago end) as days_since_seen,
        max(case when is_active and not is_outcome then days_ago end) as days_known,
        {%- for window in [30, 90] %}
            sum(case when not is_outcome and is_active and days_ago < {{ window }} then 1 else 0 end) as active_days_{{ window }},
            sum(case when not is_outcome and days_ago < {{ window }} then sessions else 0 end) as sessions_{{ window }},
            sum(case when not is_outcome and days_ago < {{ window }} then product_view else 0 end) as product_views_{{ window }},
            sum(case when not is_outcome and days_ago < {{ window }} then add_to_cart else 0 end) as carts_{{ window }},
        {%- endfor %}
        sum(case when not is_outcome and days_ago < 90 then email_click else 0 end) as email_clicks_90,
        sum(case when not is_outcome then net_revenue else 0 end) as net_revenue,
        sum(case when is_outcome and orders > 0 then 1 else 0 end) as next_orders,
        sum(case when is_outcome and orders > 0 and unvalued_orders = 0 then 1 else 0 end) as next_valued_orders,
        sum(case when is_outcome then net_revenue else 0 end) as next_spend,
        min(case when is_outcome and orders > 0 then -days_ago end) as next_order_days
    from days
    group by store_id, customer_id, cutoff

)

select
    behavior.store_id,
    behavior.customer_id,
    behavior.cutoff,
    md5({{ sql_text(var('fit_seed') ~ ':') }} || behavior.customer_id) as sample_key,
    histories.frequency,
    histories.recency_weeks,
    histories.age_weeks,
    histories.repeat_spend,
    -- of the same days as the history
    cast(behavior.net_revenue - coalesce(histories.earlier_spend, 0) as double precision) as net_revenue,
    coalesce(histories.frequency + 1, 0) as orders_count,
    coalesce(histories.mean_spend, case when histories.frequency is null then 0 end) as mean_spend,
    cast(coalesce(histories.valued_orders, 0) as double precision) as valued_orders,
    cast(coalesce(histories.valued_repeats, 0) as double precision) as valued_repeats,
    {%- for feature in ['days_since_seen', 'days_known'] %}
        cast(behavior.{{ feature }} as double precision) as {{ feature }},
    {%- endfor %}
    {%- for window in [30, 90] %}
        {%- for feature in ['active_days', 'sessions', 'product_views', 'carts'] %}
            cast(behavior.{{ feature }}_{{ window }} as double precision) as {{ feature }}_{{ window }},
        {%- endfor %}
    {%- endfor %}
    cast(behavior.email_clicks_90 as double precision) as email_clicks_90,
    cast(coalesce(histories.orders_90, 0) as double precision) as orders_90,
    cast(coalesce(histories.orders_365, 0) as double precision) as orders_365,
    coalesce(histories.discounted_share, 0) as discounted_share,
    case when behavior.cutoff = 'now' then cast(clockwork.due_days as double precision) end as due_days,
    case when behavior.cutoff = 'holdout' then cast(behavior.next_orders as bigint) end as next_orders,
    case when behavior.cutoff = 'holdout' then cast(behavior.next_valued_orders as bigint) end as next_valued_orders,
    case when behavior.cutoff = 'holdout' then cast(behavior.next_spend as double precision) end as next_spend,
    case when behavior.cutoff = 'holdout' then cast(behavior.next_order_days as double precision) end as next_order_days
from behavior
left join {{ ref('int_order_histories') }} as histories
    on
        behavior.store_id = histories.store_id
        and behavior.customer_id = histories.customer_id
        and behavior.cutoff = histories.cutoff
left join {{ ref('int_clockwork_orders') }} as clockwork
    on behavior.store_id = clockwork.store_id and behavior.customer_id = clockwork.customer_id
-- who was not seen before the cutoff has nothing that could be looked at
where behavior.days_since_seen is not null
