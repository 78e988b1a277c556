{{ config(pre_hook="{{ refuse_unknown('rfm_scheme', ref('int_rfm_rules'), 'scheme') }}") }}

with ranked as (

    -- rank() - 1 is the number of the store's customers strictly below: equal values have equal ranks, so no tie-breaker
    select
        store_id,
        customer_id,
        days_since_purchase as recency_days,
        total_purchases as frequency,
        total_spent as monetary,
        count(*) over (partition by store_id) as customers,
        count(total_spent) over (partition by store_id) as valued_customers,
        rank() over (partition by store_id order by days_since_purchase) - 1 as more_recent,
        rank() over (partition by store_id order by total_purchases) - 1 as less_frequent,
        rank() over (partition by store_id order by total_spent asc nulls last) - 1 as less_monetary
    from {{ ref('int_behavior_summary') }}
    where total_purchases > 0

),

scored as (

    select
        store_id,
        customer_id,
        recency_days,
        frequency,
        monetary,
        cast(6 - {{ quintile('more_recent', 'customers') }} as bigint) as rfm_recency,
        cast({{ quintile('less_frequent', 'customers') }} as bigint) as rfm_frequency,
        -- of whom nobody knows what they spent nobody can say who spent more
        cast(case when monetary is not null then {{ quintile('less_monetary', 'valued_customers') }} end as bigint) as rfm_monetary
    from ranked

),

coded as (

    select
        *,
        {{ rfm_code() }} as rfm_code
    from scored

)

select
    coded.*,
    codes.rfm_segment
from coded
-- a scheme with gaps leaves people without a group, and never without a score
left join {{ ref('int_rfm_codes') }} as codes
    on coded.rfm_code = codes.rfm_code and codes.scheme = {{ sql_text(var('rfm_scheme')) }}
