{{ config(materialized='view') }}

{#- Those that observations hold as counts; a place among deciles is the same of any function that only rises. #}
{%- set counted = {
    'orders_per_month': ratio('order_days - 1', 'tenure_days'),
    'tickets_per_order': ratio('tickets', 'greatest(coalesce(orders, 0), 1)'),
    'recency_risk': 'case when avg_days_between_orders is not null then '
    ~ ratio('days_since_last_order', 'greatest(avg_days_between_orders, 1)') ~ ' end'
} %}
{%- set features = axis_features() -%}

-- ten thousand people tell an index to less than a hundredth; who is in the sample stays in it
with ranks as (

    select
        store_id,
        customer_id,
        row_number() over (partition by store_id order by sample_key, {{ byte_order('customer_id') }}) as sample_rank
    from {{ ref('int_axis_observations') }}

),

sampled as (

    select observations.*
    from {{ ref('int_axis_observations') }} as observations
    inner join ranks on observations.store_id = ranks.store_id and observations.customer_id = ranks.customer_id
    where ranks.sample_rank <= 10000

),

-- as people showed it: what is drawn towards the store's mean moves with that, all at once
observed as (

    {%- for feature in features.shown + features.partly_shown + features.trends %}
        select
            store_id,
            customer_id,
            in_orders,
            in_events,
            in_tickets,
            '{{ feature }}' as feature,
            cast({{ counted.get(feature, feature) }} as double precision) as feature_value
        from sampled
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    observed.store_id,
    axes.axis_name,
    axes.feature,
    observed.customer_id,
    observed.feature_value
from observed
inner join {{ ref('axes') }} as axes on observed.feature = axes.feature
where
    observed.feature_value is not null
    and axes.is_enabled = 'true'
    and case axes.population
        when 'orders' then observed.in_orders
        when 'events' then observed.in_events
        else observed.in_tickets
    end
