{{ config(pre_hook="{{ refuse_unknown('rfm_scheme', ref('int_rfm_rules'), 'scheme') }}") }}

with buyers as (

    select
        totals.store_id,
        totals.customer_id,
        purchases.days_since_purchase as recency_days,
        totals.orders as frequency,
        {{ known_money('net_revenue', 'totals') }} as monetary
    from {{ ref('int_activity_totals') }} as totals
    left join {{ ref('int_purchase_features') }} as purchases
        on totals.store_id = purchases.store_id and totals.customer_id = purchases.customer_id
    where totals.orders > 0

),

ranked as (

    -- rank() - 1 is the number of the store's customers strictly below: equal values have equal ranks, so no tie-breaker
    select
        *,
        count(*) over (partition by store_id) as customers,
        count(monetary) over (partition by store_id) as valued_customers,
        rank() over (partition by store_id order by recency_days) - 1 as more_recent,
        rank() over (partition by store_id order by frequency) - 1 as less_frequent,
        rank() over (partition by store_id order by monetary asc nulls last) - 1 as less_monetary
    from buyers

),

scored as (

    select
        store_id,
        customer_id,
        recency_days,
        frequency,
        monetary,
        customers,
        cast(6 - {{ quintile('more_recent', 'customers') }} as bigint) as rfm_recency,
        cast({{ quintile('less_frequent', 'customers') }} as bigint) as rfm_frequency,
        -- of whom nobody knows what they spent nobody can say who spent more
        cast(case when monetary is not null then {{ quintile('less_monetary', 'valued_customers') }} end as bigint) as rfm_monetary
    from ranked

),

coded as (

    select
        store_id,
        customer_id,
        recency_days,
        frequency,
        monetary,
        rfm_recency,
        rfm_frequency,
        rfm_monetary,
        {{ rfm_code() }} as rfm_code,
        -- a fifth of fewer than five buyers is nobody
        case when customers >= 5 then {{ rfm_code(named_recency()) }} else {{ few_buyers() }} end as named_code
    from scored

)

select
    coded.*,
    codes.rfm_segment
from coded
-- a scheme with gaps leaves people without a group, and never without a score
left join {{ ref('int_rfm_codes') }} as codes
    on coded.named_code = codes.rfm_code and codes.scheme = {{ sql_text(var('rfm_scheme')) }}
