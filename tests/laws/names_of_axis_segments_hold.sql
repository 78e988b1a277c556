-- No segment has a name whose claims its members break. If this fails, somebody is told that people do what they do not: each row is a
-- segment and what is wrong. Names of seeds, and others that say something of every member, are held against what was
-- observed of the members here (not what is shrunk for the fit), whatever the seed says of them.
with members as (

    select
        named.store_id,
        named.segment_id,
        named.segment_name,
        facts.churn_probability,
        features.orders,
        features.refunded_orders,
        features.tenure_days,
        features.lifetime_value,
        facts.orders_per_month_observed as orders_per_month,
        facts.avg_days_between_orders_observed as gap,
        facts.gaps_since_last_order as silence,
        facts.discounted_order_ratio_observed as discounted,
        facts.refund_rate_observed as refunded,
        facts.email_share_observed as by_email,
        case when features.frequency_trend_is_known then features.frequency_trend end as trend
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
        features.store_id,
        percentile_cont(0.2) within group (order by features.lifetime_value) as low_value,
        percentile_cont(0.8) within group (order by features.lifetime_value) as high_value,
        percentile_cont(0.9) within group (order by facts.orders_per_month_observed) as high_frequency
    from {{ ref('int_customer_axis_features') }} as features
    inner join {{ ref('int_axis_facts') }} as facts
        on features.store_id = facts.store_id and features.customer_id = facts.customer_id
    where features.in_orders
    group by features.store_id

),

placed as (

    select
        members.*,
        members.lifetime_value between stores.low_value and stores.high_value as is_of_middle_value
    from members
    inner join stores on members.store_id = stores.store_id

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
        avg(case when discounted > 0 then 1.0 else 0.0 end) as discounted_ever,
        avg(case when refunded > 0 then 1.0 else 0.0 end) as refunded_ever,
        avg(case when refunded_orders >= 2 then 1.0 else 0.0 end) as refunded_twice,
        avg(case when refunded <= 0.02 then 1.0 else 0.0 end) as kept,
        avg(case when by_email > 0 then 1.0 else 0.0 end) as read_email,
        avg(case when tenure_days <= 90 then 1.0 else 0.0 end) as came_lately,
        avg(case when silence <= 3 then 1.0 else 0.0 end) as not_silent,
        avg(case when silence > 3 then 1.0 else 0.0 end) as fell_silent,
        avg(case when is_of_middle_value then 1.0 else 0.0 end) as of_middle_value,
        percentile_cont(0.5) within group (order by gap) as gap,
        percentile_cont(0.5) within group (order by trend) as trend,
        percentile_cont(0.5) within group (order by lifetime_value) as lifetime_value,
        percentile_cont(0.5) within group (order by orders_per_month) as orders_per_month,
        percentile_cont(0.5) within group (order by churn_probability) as churn_probability
    from placed
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
                    measured.ordered_thrice >= 0.799999 and measured.not_silent >= 0.699999
                    and measured.orders_per_month >= least(2.999999, stores.high_frequency - 0.000001)
            when 'occasional_buyers' then measured.ordered_twice >= 0.699999 and measured.gap between 29.999999 and 90.000001
            when 'premium_spenders' then measured.lifetime_value >= stores.high_value - 0.000001
            when 'accelerating_loyalists'
                then measured.ordered_thrice >= 0.799999 and measured.churn_probability < 0.400001 and measured.trend >= 0.099999
            when 'stable_regulars'
                then
                    measured.ordered_thrice >= 0.799999 and measured.churn_probability < 0.600001 and measured.not_silent >= 0.799999
                    and measured.trend between -0.100001 and 0.100001
            when 'declining_risk' then measured.trend <= -0.099999
            when 'discount_hunters' then measured.discounted_often >= 0.799999
            when 'full_price_buyers' then measured.discounted_rarely >= 0.799999
            when 'occasional_discount_users' then measured.discounted_ever >= 0.699999
            when 'regular_buyers' then measured.ordered_thrice >= 0.699999 and measured.not_silent >= 0.699999
            when 'lapsed_buyers' then measured.fell_silent >= 0.799999
            when 'mid_value_spenders' then measured.of_middle_value >= 0.799999
            when 'newcomers' then measured.came_lately >= 0.799999
            when 'email_readers' then measured.read_email >= 0.799999
            when 'frequent_returners' then measured.refunded_twice >= 0.599999
            when 'returners' then measured.refunded_ever >= 0.799999
            when 'keepers' then measured.kept >= 0.899999
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
