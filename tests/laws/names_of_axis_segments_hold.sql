-- No segment has a name whose claims its members break. If this fails, somebody is told that people do what they do not: each row is a
-- segment and what is wrong. The names of the documents are held against their members here, whatever the seed says of them.
with members as (

    select
        named.store_id,
        named.segment_id,
        named.segment_name,
        facts.churn_probability,
        features.orders,
        features.orders_per_month,
        features.lifetime_value,
        case when features.avg_days_between_orders_is_known then features.avg_days_between_orders end as gap,
        case when features.discounted_order_ratio_is_known then features.discounted_order_ratio end as discounted
    from {{ ref('int_axis_segment_names') }} as named
    inner join {{ ref('int_axis_dominants') }} as dominants
        on named.store_id = dominants.store_id and named.segment_id = dominants.segment_id
    inner join {{ ref('int_customer_axis_features') }} as features
        on dominants.store_id = features.store_id and dominants.customer_id = features.customer_id
    inner join {{ ref('int_axis_facts') }} as facts
        on dominants.store_id = facts.store_id and dominants.customer_id = facts.customer_id
    where named.is_current and named.name_source = 'seed'

),

stores as (

    select
        store_id,
        percentile_cont(0.8) within group (order by lifetime_value) as high_value,
        percentile_cont(0.9) within group (order by orders_per_month) as high_frequency
    from {{ ref('int_customer_axis_features') }}
    where in_orders
    group by store_id

),

measured as (

    select
        store_id,
        segment_id,
        segment_name,
        avg(case when orders = 1 then 1.0 else 0.0 end) as ordered_once,
        avg(case when orders >= 2 then 1.0 else 0.0 end) as ordered_twice,
        avg(case when orders >= 3 then 1.0 else 0.0 end) as ordered_thrice,
        avg(case when discounted >= 0.5 then 1.0 else 0.0 end) as discounted_often,
        avg(case when discounted <= 0.1 then 1.0 else 0.0 end) as discounted_rarely,
        percentile_cont(0.5) within group (order by gap) as gap,
        percentile_cont(0.5) within group (order by lifetime_value) as lifetime_value,
        percentile_cont(0.5) within group (order by orders_per_month) as orders_per_month,
        percentile_cont(0.5) within group (order by churn_probability) as churn_probability
    from members
    group by store_id, segment_id, segment_name

),

-- rounding apart
judged as (

    select
        measured.store_id,
        measured.segment_id,
        measured.segment_name,
        case measured.segment_name
            when 'one_time_customers' then measured.ordered_once >= 0.899999
            when 'high_frequency_loyalists'
                then
                    measured.ordered_thrice >= 0.799999
                    and measured.orders_per_month >= least(2.999999, stores.high_frequency - 0.000001)
            when 'occasional_buyers' then measured.ordered_twice >= 0.699999 and measured.gap between 29.999999 and 90.000001
            when 'premium_spenders' then measured.lifetime_value >= stores.high_value - 0.000001
            when 'accelerating_loyalists' then measured.ordered_thrice >= 0.699999 and measured.churn_probability < 0.400001
            when 'stable_regulars' then measured.ordered_thrice >= 0.699999 and measured.churn_probability < 0.600001
            when 'discount_hunters' then measured.discounted_often >= 0.799999
            when 'full_price_buyers' then measured.discounted_rarely >= 0.799999
        end as is_borne_out
    from measured
    inner join stores on measured.store_id = stores.store_id

),

made as (

    select
        store_id,
        segment_id,
        segment_name
    from {{ ref('int_axis_segment_names') }}
    where is_current
    union all
    select
        store_id,
        segment_id,
        segment_name
    from {{ ref('int_cluster_segments') }}
    where is_current

),

shared as (

    select
        made.store_id,
        made.segment_name,
        min(made.segment_id) as segment_id
    from made
    left join {{ ref('int_segments') }} as given
        on lower(made.segment_name) = lower(given.name) and made.store_id = coalesce(given.store_id, made.store_id)
    group by made.store_id, made.segment_name
    having count(*) > 1 or count(given.segment_id) > 0

)

select
    store_id,
    segment_id,
    segment_name,
    'its members break what the name claims' as reason
from judged
where not is_borne_out
union all
select
    store_id,
    segment_id,
    segment_name,
    'another segment of the store has the name' as reason
from shared
