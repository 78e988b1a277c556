{%- set features = axis_features() %}
{%- set shown, partly_shown, trends = features.shown, features.partly_shown, features.trends %}
{%- set rates = axis_rates() %}
{%- set shares = rates | selectattr('kind', 'equalto', 'share') | list %}
{%- set shrunk_features = rates | map(attribute='feature') | list -%}

with observations as (

    select * from {{ ref('int_axis_observations') }}

),

priors as (

    select
        {%- for rate in rates %}
            max(case when feature = '{{ rate.feature }}' then mean_rate end) as {{ rate.feature }}_mean,
            max(case when feature = '{{ rate.feature }}' then prior_strength end) as {{ rate.feature }}_strength,
        {%- endfor %}
        store_id
    from {{ ref('int_axis_priors') }}
    group by store_id

),

drawn as (

    select
        {%- for rate in rates %}
            {%- set prior = 'priors.' ~ rate.feature %}
            {{ shrunk(rate.count, rate.exposure, prior ~ '_mean', prior ~ '_strength') }} as {{ rate.feature }}_drawn,
        {%- endfor %}
        observations.*
    from observations
    left join priors on observations.store_id = priors.store_id

),

shrunk as (

    select
        store_id,
        customer_id,
        {%- for rate in rates %}
            {{ round_to(rate.feature ~ '_drawn', 9) }} as {{ rate.feature }},
        {%- endfor %}
        {%- for feature in shown + partly_shown + trends if feature not in shrunk_features + ['recency_risk'] %}
            {{ feature }},
        {%- endfor %}
        {%- for rate in shares %}
            coalesce({{ rate.count }} is not null and {{ are_several(rate.exposure) }}, false) as {{ rate.feature }}_is_shown_twice,
        {%- endfor %}
        days_since_last_order,
        in_orders,
        in_events,
        in_tickets,
        sample_key,
        primary_channel,
        preferred_hour,
        coalesce(orders, 0) as orders,
        coalesce(refunded_orders, 0) as refunded_orders,
        discounted_orders,
        coalesce(responses, 0) as responses,
        coalesce(tickets, 0) as tickets
    from drawn

),

people as (

    -- logistic function of how many of the own gaps have passed since the last order, 1/2 at two of them
    select
        *,
        case
            when avg_days_between_orders is not null then {{ round_to(
                '1 / (1 + exp(2 - least(days_since_last_order / greatest(avg_days_between_orders, 1), 50)))', 6
            ) }}
        end as recency_risk
    from shrunk

),

medians as (

    -- of those who show it
    select
        {%- for feature in shown + partly_shown %}
            percentile_cont(0.5) within group (order by {{ feature }}) as {{ feature }},
        {%- endfor %}
        store_id
    from people
    group by store_id

)

select
    people.store_id,
    people.customer_id,
    people.in_orders,
    people.in_events,
    people.in_tickets,
    people.sample_key,
    people.orders,
    people.refunded_orders,
    people.discounted_orders,
    people.responses,
    people.tickets,
    people.primary_channel,
    {%- for feature in shown + partly_shown %}
        coalesce(people.{{ feature }}, {{ round_to('medians.' ~ feature, 9) }}, 0) as {{ feature }},
    {%- endfor %}
    {%- for feature in trends %}
        coalesce(people.{{ feature }}, 0) as {{ feature }},
    {%- endfor %}
    {%- for feature in partly_shown + trends %}
        people.{{ feature }} is not null as {{ feature }}_is_known,
    {%- endfor %}
    {%- for rate in shares %}
        people.{{ rate.feature }}_is_shown_twice,
    {%- endfor %}
    people.preferred_hour
from people
inner join medians on people.store_id = medians.store_id
