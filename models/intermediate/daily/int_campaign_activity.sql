{%- set models = ['int_campaign_visits', 'int_order_touches'] %}
{{ config(**by_person(seeds=['attribution_models'], models=models, indexes=[['store_id', 'activity_date']])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

refunds as (

    select
        refunds.store_id,
        refunds.order_id,
        refunds.refund_date,
        refunds.amount,
        refunds.has_order,
        coalesce(identities.customer_id, '') as customer_id
    from {{ ref('int_refunds') }} as refunds
    left join {{ ref('customer_identities') }} as identities on {{ same_person('refunds') }}
    where refunds.is_counted and {{ is_of_changed(is_incremental(), 'refunds.store_id', "coalesce(identities.customer_id, '')") }}

),

returns as (

    select
        store_id,
        order_id,
        sum(amount) as amount
    from refunds
    where has_order
    group by store_id, order_id

),

-- what came in and went out, by the order that it is of; an order is a million parts, so that parts of it add up
amounts as (

    select
        orders.store_id,
        orders.order_id,
        orders.order_date as activity_date,
        1000000 as order_millionths,
        0 as refunded_amount,
        coalesce(orders.customer_id, '') as customer_id,
        case when orders.order_sequence = 1 then 1000000 else 0 end as first_order_millionths,
        coalesce(orders.gross_revenue, 0) as gross_revenue,
        coalesce(returns.amount, 0) as returned_amount
    from {{ ref('int_orders') }} as orders
    left join returns on orders.store_id = returns.store_id and orders.order_id = returns.order_id
    where orders.is_counted and {{ is_of_changed(is_incremental(), 'orders.store_id', "coalesce(orders.customer_id, '')") }}
    union all
    select
        store_id,
        order_id,
        refund_date as activity_date,
        0 as order_millionths,
        amount as refunded_amount,
        customer_id,
        0 as first_order_millionths,
        0 as gross_revenue,
        0 as returned_amount
    from refunds

),

credited as (

    select
        amounts.store_id,
        amounts.customer_id,
        amounts.activity_date,
        models.attribution_model,
        0 as visits,
        coalesce(touches.source, '(no visit)') as source,
        coalesce(touches.medium, '(none)') as medium,
        coalesce(touches.campaign, '(none)') as campaign,
        {%- for column in ['order_millionths', 'first_order_millionths'] %}
            case
                when touches.order_id is null then amounts.{{ column }}
                else
                    floor({{ ratio('amounts.' ~ column ~ ' * (touches.weight_before + touches.weight)', 'touches.total_weight') }})
                    - floor({{ ratio('amounts.' ~ column ~ ' * touches.weight_before', 'touches.total_weight') }})
            end as {{ column }},
        {%- endfor %}
        {%- for column in ['gross_revenue', 'refunded_amount'] %}
            case
                when touches.order_id is null then amounts.{{ column }}
                else {{ credited_part('amounts.' ~ column, 'touches') }}
            end as {{ column }},
        {%- endfor %}
        case
            when touches.order_id is null then amounts.returned_amount
            else {{ credited_part('amounts.returned_amount', 'touches') }}
        end as returned_amount
    from amounts
    cross join {{ ref('attribution_models') }} as models
    left join {{ ref('int_order_touches') }} as touches
        on
            amounts.store_id = touches.store_id
            and amounts.order_id = touches.order_id
            and models.attribution_model = touches.attribution_model
    union all
    -- the same for every model
    select
        visits.store_id,
        visits.customer_id,
        visits.activity_date,
        '' as attribution_model,
        1 as visits,
        visits.source,
        visits.medium,
        visits.campaign,
        0 as order_millionths,
        0 as first_order_millionths,
        0 as gross_revenue,
        0 as refunded_amount,
        0 as returned_amount
    from {{ ref('int_campaign_visits') }} as visits
    where {{ is_of_changed(is_incremental(), 'visits.store_id', "visits.customer_id") }}

)

select
    credited.store_id,
    credited.customer_id,
    credited.activity_date,
    credited.attribution_model,
    credited.source,
    credited.medium,
    credited.campaign,
    cast(sum(credited.visits) as bigint) as visits,
    cast(sum(credited.order_millionths) as bigint) as order_millionths,
    cast(sum(credited.first_order_millionths) as bigint) as first_order_millionths,
    {{ fit_money('sum(credited.gross_revenue)') }} as gross_revenue,
    {{ fit_money('sum(credited.refunded_amount)') }} as refunded_amount,
    {{ fit_money('sum(credited.returned_amount)') }} as returned_amount,
    coalesce(changed.person_version, '') as person_version
from credited
left join changed on credited.store_id = changed.store_id and credited.customer_id = changed.customer_id
group by
    credited.store_id,
    credited.customer_id,
    credited.activity_date,
    credited.attribution_model,
    credited.source,
    credited.medium,
    credited.campaign,
    changed.person_version
