{{ config(materialized='view') }}
{%- set rates = axis_rates() -%}

with observations as (

    select
        *,
        atan2(preferred_hour_sine, preferred_hour_cosine) * 12 / pi() as hours_from_midnight
    from {{ ref('int_axis_observations') }}

),

-- shares, rates and gaps as they were, in so many trials: nobody counts for more than twelve, and a month or less is one
observed as (

    select
        store_id,
        customer_id,
        {%- for rate in rates %}
            {%- set observed = '(' ~ rate.count ~ ') / greatest(' ~ rate.exposure ~ ', cast(1 as double precision))' %}
            {{ round_to(observed, 9) }} as {{ rate.feature }}_observed,
            {%- if rate.kind == 'share' %}
                {%- set trials = 'case when ' ~ rate.exposure ~ ' > 12 then 12 else ' ~ rate.exposure ~ ' end' %}
                cast({{ trials }} as double precision) as {{ rate.feature }}_trials,
            {%- endif %}
        {%- endfor %}
        -- where the responses are more alike than not: they are spread over the clock otherwise
        case
            when preferred_hour_sine * preferred_hour_sine + preferred_hour_cosine * preferred_hour_cosine >= 0.25
                then {{ round_to('case when hours_from_midnight < 0 then hours_from_midnight + 24 else hours_from_midnight end', 6) }}
        end as response_hour,
        cast(days_since_last_order as double precision) as days_since_last_order
    from observations

)

select
    observed.*,
    case
        when features.avg_days_between_orders_is_known then {{ round_to(
            'observed.days_since_last_order / greatest(features.avg_days_between_orders, cast(1 as double precision))', 6
        ) }}
    end as gaps_since_last_order,
    cast(predictions.churn_probability as double precision) as churn_probability,
    cast(purchases.seasonal_purchase_pattern as double precision) as seasonality
from observed
inner join {{ ref('int_customer_axis_features') }} as features
    on observed.store_id = features.store_id and observed.customer_id = features.customer_id
left join {{ ref('int_predictions') }} as predictions
    on observed.store_id = predictions.store_id and observed.customer_id = predictions.customer_id
left join {{ ref('int_purchase_features') }} as purchases
    on observed.store_id = purchases.store_id and observed.customer_id = purchases.customer_id
