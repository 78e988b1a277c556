{#- What is predicted: each type's column of int_predictions, its confidence and model, the ends of its interval and percentiles of
    its outcome where it has them, and how many days it looks ahead. Example: {% for kind in prediction_kinds() %}{{ kind.value }}{% endfor %} -#}
{% macro prediction_kinds() -%}
    {{- return([
        {'type': 'churn', 'value': 'churn_probability', 'confidence': 'churn_confidence', 'model': 'churn_model',
         'low': 'null', 'high': 'null', 'p10': 'null', 'p90': 'null', 'days': var('churn_window_days')},
        {'type': 'ltv', 'value': 'predicted_ltv_1year', 'confidence': 'value_confidence', 'model': 'value_model',
         'low': 'predicted_ltv_low', 'high': 'predicted_ltv_high', 'p10': 'outcome_p10', 'p90': 'outcome_p90', 'days': 365},
        {'type': 'next_purchase', 'value': 'next_purchase_probability', 'confidence': 'next_purchase_confidence',
         'model': 'next_purchase_model', 'low': 'null', 'high': 'null', 'p10': 'null', 'p90': 'null', 'days': var('next_purchase_days')},
        {'type': 'upgrade', 'value': 'upgrade_probability', 'confidence': 'value_confidence', 'model': "'gamma_gamma'",
         'low': 'null', 'high': 'null', 'p10': 'null', 'p90': 'null', 'days': 365},
    ]) -}}
{%- endmacro %}

{#- What each model knows of a person, first match first: a condition on the model's name, and columns of int_prediction_features by
    name. Example: {% for kind in features_of_models() %}{{ kind.models }}{% endfor %} -#}
{% macro features_of_models() -%}
    {%- set rate = ['frequency', 'age_weeks'] -%}
    {%- set history = ['frequency', 'recency_weeks', 'age_weeks'] -%}
    {%- set spend = ['valued_orders', 'mean_spend'] -%}
    {%- set behaviour = [
        'days_since_seen', 'days_known', 'active_days_30', 'active_days_90', 'sessions_30', 'sessions_90', 'product_views_30',
        'product_views_90', 'carts_30', 'carts_90', 'email_clicks_90', 'orders_90', 'orders_365', 'discounted_share'
    ] -%}
    {%- set found = [] -%}
    {%- for models, columns in [
        ("kinds.model_version like 'challenger%'",
         history + ['repeat_spend', 'net_revenue', 'orders_count', 'mean_spend', 'valued_orders', 'valued_repeats'] + behaviour),
        ("kinds.model_version = 'clockwork'", history + ['due_days']),
        ("kinds.model_version = 'gamma_gamma'", spend),
        ("kinds.model_version in ('ratio', 'ratio_x_store_mean')", rate),
        ("kinds.model_version in ('ratio_x_mean', 'ratio_x_gamma_gamma')", rate + spend),
        ("kinds.model_version like '%_x_store_mean'", history),
        ("kinds.model_version like '%_x_%'", history + spend),
        ("kinds.model_version = 'rate'", []),
        ("kinds.model_version = 'recency'", ['days_since_seen']),
        ("kinds.model_version = 'logistic'", behaviour),
        ("true", history),
    ] -%}
        {%- set features = {} -%}
        {%- for column in columns -%}{%- do features.update({column: 'features.' ~ column}) -%}{%- endfor -%}
        {%- do found.append({'models': models, 'features': features}) -%}
    {%- endfor -%}
    {{- return(found) -}}
{%- endmacro %}

{#- What is left of each payment of a person where refunds take from the last one before them, and from those before it as far as they are
    more, for the body of a CTE: store_id, customer_id, cutoff, paid_on and amount_left. What is paid back beyond all that was paid takes
    nothing from later payments. payments: a relation with store_id, customer_id, cutoff, paid_on, is_refund (0 or 1, one row of
    either a day) and amount, below zero of refunds.
    A stack: what stays of a payment is the least that is held from then on, less what was held before it.
    Example: kept as ({{ left_of_payments('payments') }}) -#}
{% macro left_of_payments(payments) -%}
    {%- set order = 'partition by store_id, customer_id, cutoff order by paid_on, is_refund' -%}
    {%- set so_far = order ~ ' rows between unbounded preceding and current row' -%}
    select
        store_id,
        customer_id,
        cutoff,
        paid_on,
        greatest(least_from_then_on - coalesce(held_before, 0), 0) as amount_left
    from (
        select
            *,
            min(held) over ({{ order }} rows between current row and unbounded following) as least_from_then_on,
            lag(held) over ({{ order }}) as held_before
        from (
            select
                *,
                balance - least(min(balance) over ({{ so_far }}), 0) as held
            from (
                select
                    *,
                    sum(amount) over ({{ so_far }}) as balance
                from {{ payments }}
            ) as balances
        ) as heldings
    ) as stacks
    where is_refund = 0
{%- endmacro %}

{#- The day since which a store sells that had no order for a year before it, for a subquery: store_id and since, of such stores
    alone. It has sold for half a year since, without a pause of a quarter as long: one that sells once a year has no other day. -#}
{% macro selling_since() -%}
with days as (

    select
        orders.store_id,
        orders.order_date
    from {{ ref('int_orders') }} as orders
    inner join {{ ref('int_prediction_cutoffs') }} as cutoffs
        on orders.store_id = cutoffs.store_id and orders.order_date <= cutoffs.cutoff_date
    where orders.is_counted and orders.customer_id is not null and cutoffs.cutoff = 'now'
    union
    -- who has not sold since pauses until tonight
    select
        store_id,
        cutoff_date as order_date
    from {{ ref('int_prediction_cutoffs') }}
    where cutoff = 'now'

),

pauses as (

    select
        store_id,
        order_date,
        {{ days_between('lag(order_date) over (partition by store_id order by order_date)', 'order_date') }} as pause_days
    from days

),

breaks as (

    select
        store_id,
        max(order_date) as since
    from pauses
    where pause_days > 365
    group by store_id

)

select
    breaks.store_id,
    breaks.since
from breaks
inner join pauses on breaks.store_id = pauses.store_id and pauses.order_date >= breaks.since
group by breaks.store_id, breaks.since
having
    max(case when pauses.order_date = breaks.since then pauses.pause_days end)
    > 4 * max(case when pauses.order_date > breaks.since then pauses.pause_days else 0 end)
    and {{ days_between('breaks.since', 'max(pauses.order_date)') }} >= 182
{%- endmacro %}

{#- Days with an order and whether each is earlier than a person's history: before the day since which the store sells, of who has
    ordered since. With the first day of the history, and what was spent before it; by store_id, customer_id and cutoff. -#}
{% macro days_since_selling(days) -%}
{%- set of_person = 'partition by store_id, customer_id, cutoff' -%}
with selling_since as (

    {{ selling_since() | indent(4) }}

),

dated as (

    select
        {{ days }}.*,
        selling_since.since,
        max({{ days }}.order_date) over (
            partition by {{ days }}.store_id, {{ days }}.customer_id, {{ days }}.cutoff
        ) as last_order_date
    from {{ days }}
    left join selling_since on {{ days }}.store_id = selling_since.store_id

),

told as (

    select
        *,
        coalesce(order_date < since and last_order_date >= since, false) as is_earlier
    from dated

)

select
    *,
    min(case when not is_earlier then order_date end) over ({{ of_person }}) as first_order_date,
    sum(case when is_earlier then day_spend end) over ({{ of_person }}) as earlier_spend
from told
{%- endmacro %}
