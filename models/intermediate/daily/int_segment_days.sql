-- before its first membership a store has no days of segments
with begun as (

    select
        store_id,
        min(from_date) as from_date
    from {{ ref('int_segment_spells') }}
    group by store_id

),

days as (

    select
        days.store_id,
        days.activity_date,
        min(days.activity_date) over (partition by days.store_id) as first_date
    from {{ ref('int_daily_stores') }} as days
    inner join begun on days.store_id = begun.store_id and days.activity_date >= begun.from_date

),

first_days as (

    select distinct
        store_id,
        first_date
    from days

),

activity as (

    select
        activity.store_id,
        activity.activity_date,
        sum({{ content_hash(['customer_id'] + daily_counts() + daily_amounts()) }}) as activity
    from {{ ref('int_daily_activity') }} as activity
    inner join first_days on activity.store_id = first_days.store_id and activity.activity_date >= first_days.first_date
    where activity.customer_id <> ''
    group by activity.store_id, activity.activity_date

),

campaigns as (

    select
        campaigns.store_id,
        campaigns.activity_date,
        sum({{ content_hash([
            'customer_id', 'attribution_model', 'source', 'medium', 'campaign', 'visits', 'order_millionths', 'first_order_millionths',
            'gross_revenue', 'refunded_amount', 'returned_amount'
        ]) }}) as campaigns
    from {{ ref('int_campaign_activity') }} as campaigns
    inner join first_days on campaigns.store_id = first_days.store_id and campaigns.activity_date >= first_days.first_date
    where campaigns.customer_id <> ''
    group by campaigns.store_id, campaigns.activity_date

),

-- what people and memberships are tells a sum of hashes over those that hold on the day: what begins adds its own, what ends takes it away
spans as (

    select
        spans.store_id,
        spans.from_date,
        spans.until_date,
        sum({{ content_hash(['customer_id', 'is_customer', 'state', 'net_revenue', 'orders_30d']) }}) as people,
        cast(0 as bigint) as members,
        0 as member_count
    from {{ ref('int_customer_spans') }} as spans
    inner join first_days on spans.store_id = first_days.store_id
    where spans.until_date is null or spans.until_date > first_days.first_date
    group by spans.store_id, spans.from_date, spans.until_date

),

spells as (

    select
        store_id,
        from_date,
        until_date,
        0 as people,
        sum({{ content_hash(['segment_id', 'customer_id']) }}) as members,
        count(*) as member_count
    from {{ ref('int_segment_spells') }}
    group by store_id, from_date, until_date

),

holding as (

    select * from spans
    union all
    select * from spells

),

changes as (

    select
        holding.store_id,
        case when signs.sign = 1 then greatest(holding.from_date, first_days.first_date) else holding.until_date end as activity_date,
        sum(signs.sign * holding.people) as people,
        sum(signs.sign * holding.members) as members,
        sum(signs.sign * holding.member_count) as member_count
    from holding
    inner join first_days on holding.store_id = first_days.store_id
    -- what begins adds, what ends takes away
    cross join unnest(array[1, -1]) as signs (sign)
    where
        (holding.until_date is null or holding.until_date > first_days.first_date)
        and (signs.sign = 1 or holding.until_date is not null)
    group by
        holding.store_id,
        case when signs.sign = 1 then greatest(holding.from_date, first_days.first_date) else holding.until_date end

),

day_sums as (

    select
        days.store_id,
        days.activity_date,
        {%- for column in ['people', 'members', 'member_count'] %}
            sum(coalesce(changes.{{ column }}, 0)) over (
                partition by days.store_id order by days.activity_date rows between unbounded preceding and current row
            ) as {{ column }},
        {%- endfor %}
        coalesce(activity.activity, 0) as activity,
        coalesce(campaigns.campaigns, 0) as campaigns
    from days
    left join changes on days.store_id = changes.store_id and days.activity_date = changes.activity_date
    left join activity on days.store_id = activity.store_id and days.activity_date = activity.activity_date
    left join campaigns on days.store_id = campaigns.store_id and days.activity_date = campaigns.activity_date

)

select
    store_id,
    activity_date,
    concat_ws(':', cast(activity as text), cast(members as text)) as activity_hash,
    concat_ws(':', cast(campaigns as text), cast(members as text)) as campaigns_hash,
    concat_ws(':', cast(people as text), cast(members as text)) as members_hash
from day_sums
where member_count > 0
