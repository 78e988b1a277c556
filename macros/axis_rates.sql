{#- A rate or share of which little is known, drawn towards the store's mean: (count + r) / (exposure + r / m), the mean of the
    Gamma (events in a time, a Poisson) or Beta (successes in trials, a binomial) that is left after the person's own data.
    Where the store has no mean above 0 the rate is the person's own, over an exposure of at least 1.
    count, exposure: the person's own; mean, strength: m and r of the store, see int_axis_priors.
    Example: {{ shrunk('refunded_orders', 'orders', 'mean_rate', 'prior_strength') }} -#}
{% macro shrunk(count, exposure, mean, strength) -%}
    coalesce(
        ({{ count }} + {{ strength }}) / ({{ exposure }} + {{ strength }} / nullif({{ mean }}, 0)),
        ({{ count }}) / greatest({{ exposure }}, cast(1 as double precision))
    )
{%- endmacro %}

{#- Whether trials of a share are more than one, since one says nothing of how people differ. Of shares of money they need not be
    whole: two orders, one of which is a tenth of the other, are 1.2. Example: {{ are_several('orders') }} -#}
{% macro are_several(trials) -%}
    {{ trials }} >= 1.5
{%- endmacro %}

{#- Aggregate: a sum of doubles (0 to 1e12) that is the same in any order of the rows and on both engines: each counts in
    whole millionths. Example: {{ exact_sum('weight * rate') }} -#}
{% macro exact_sum(value) -%}
    cast(sum(
        cast(floor(case when {{ value }} > 1000000000000 then 1000000000000 else {{ value }} end * 1000000 + 0.5) as bigint)
    ) as double precision) / 1000000
{%- endmacro %}

{#- The features of the axes that are shrunk: rates (counts over an exposure that may be any time or number), shares (of
    trials, 0 to 1) and times (days in all over so many gaps), with their counts and exposures as columns of int_axis_observations
    say them. Orders of one day are one, of how often somebody orders. Lines of an order go together (a
    coupon, a parcel sent back), so shares of lines have as many trials as there are orders; shares of money have as many as orders of
    one size would be, since one large order says less than many. `like` is the feature that says how much people differ: a part of an order is no toss of a
    coin, so shares of lines and of money that a coupon or a return takes off have that of the orders with one.
    Example: {% for rate in axis_rates() %} ... {{ rate.feature }} {% endfor %} -#}
{% macro axis_rates() -%}
    {%- set rates = [
        {
            'feature': 'orders_per_month', 'like': 'orders_per_month', 'kind': 'rate', 'count': 'order_days - 1',
            'exposure': 'tenure_days / 30.4375'
        },
        {
            'feature': 'tickets_per_order', 'like': 'tickets_per_order', 'kind': 'rate', 'count': 'tickets',
            'exposure': 'greatest(coalesce(orders, 0), 1)'
        },
        {
            'feature': 'avg_days_between_orders', 'like': 'avg_days_between_orders', 'kind': 'time',
            'count': 'case when order_days > 1 then avg_days_between_orders * (orders - 1) end', 'exposure': 'nullif(order_days - 1, 0)'
        }
    ] -%}
    {%- set like = {
        'discount_rate': 'discounted_order_ratio', 'discount_hunt_score': 'discounted_order_ratio',
        'full_price_ratio': 'discounted_order_ratio', 'refund_rate': 'refunded_order_ratio',
        'items_returned_pct': 'refunded_order_ratio', 'product_switching': 'refunded_order_ratio'
    } -%}
    {%- set trials = {
        'orders': [
            'discounted_order_ratio', 'weekend_ratio', 'business_hours_ratio', 'evening_ratio', 'refunded_order_ratio',
            'full_price_ratio', 'items_returned_pct', 'product_switching'
        ],
        'effective_orders': ['discount_rate', 'discount_dependency', 'discount_hunt_score', 'refund_rate'],
        'later_items': ['repeat_rate'],
        'later_orders': ['repeat_order_ratio'],
        'responses': ['email_share', 'sms_share', 'social_share', 'event_weekend_ratio'],
        'tickets_with_reopens': ['reopen_rate']
    } -%}
    {%- for exposure, features in trials.items() -%}
        {%- for feature in features -%}
            {%- do rates.append({
                'feature': feature, 'like': like.get(feature, feature), 'kind': 'share', 'count': feature ~ ' * ' ~ exposure, 'exposure': exposure
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{- return(rates) -}}
{%- endmacro %}

{#- The features of axes: what everybody of the population shows, what only some show, and trends, which are level where nothing shows
    them. Of the latter two int_customer_axis_features says of whom they are known. -#}
{% macro axis_features() -%}
    {{- return({
        'shown': ['orders_per_month', 'lifetime_value', 'avg_order_value', 'tenure_days', 'maturity_score', 'tickets_per_order'],
        'partly_shown': [
            'avg_days_between_orders', 'purchase_consistency', 'unique_categories', 'category_diversity', 'exploration_breadth',
            'discount_rate', 'discounted_order_ratio', 'full_price_ratio', 'weekend_ratio', 'business_hours_ratio', 'evening_ratio',
            'timing_consistency', 'repeat_rate', 'loyalty_index', 'repeat_order_ratio', 'refund_rate', 'items_returned_pct',
            'refunded_order_ratio', 'email_share', 'sms_share', 'social_share', 'preferred_hour_sine', 'preferred_hour_cosine',
            'event_weekend_ratio', 'product_switching', 'discount_dependency', 'recency_risk', 'product_concentration', 'mastery',
            'avg_item_price', 'discount_hunt_score', 'spend_consistency', 'avg_resolution_hours', 'reopen_rate', 'avg_satisfaction'
        ],
        'trends': ['value_trend', 'acceleration', 'frequency_trend']
    }) -}}
{%- endmacro %}
