with days as (

    select
        store_id,
        {{ as_of_date('timezone') }} - 1 as last_date
    from {{ ref('stg_stores') }}

),

-- a segment that is younger than both times has nothing to be held against
segments as (

    select
        spells.store_id,
        spells.segment_id,
        days.last_date
    from {{ ref('int_segment_spells') }} as spells
    inner join days on spells.store_id = days.store_id
    group by spells.store_id, spells.segment_id, days.last_date
    having min(spells.from_date) <= days.last_date - 55

),

-- whom the segment had at both ends: all who were in it at some time between
members as (

    select
        spells.store_id,
        spells.segment_id,
        spells.customer_id,
        segments.last_date,
        bool_or(spells.from_date <= segments.last_date - 55) as was_member,
        bool_or(spells.until_date is null or spells.until_date > segments.last_date) as is_member
    from {{ ref('int_segment_spells') }} as spells
    inner join segments on spells.store_id = segments.store_id and spells.segment_id = segments.segment_id
    where
        spells.from_date <= segments.last_date
        and (spells.until_date is null or spells.until_date > segments.last_date - 55)
    group by spells.store_id, spells.segment_id, spells.customer_id, segments.last_date

),

activity as (

    select
        activity.store_id,
        activity.customer_id,
        activity.activity_date,
        activity.gross_revenue,
        activity.refunded_amount,
        activity.orders - activity.unvalued_orders as orders,
        activity.activity_date > days.last_date - 28 as is_later
    from {{ ref('int_daily_activity') }} as activity
    inner join days
        on activity.store_id = days.store_id and activity.activity_date between days.last_date - 55 and days.last_date
    where activity.customer_id <> '' and (activity.orders > 0 or activity.refunds > 0)

),

-- what was done on days as a member
spent as (

    select
        {%- for when, condition in {'earlier': 'not activity.is_later', 'later': 'activity.is_later'}.items() %}
            sum(case when {{ condition }} then activity.orders else 0 end) as {{ when }}_orders,
            sum(case when {{ condition }} then activity.gross_revenue else 0 end) as {{ when }}_revenue,
            sum(case when {{ condition }} then activity.refunded_amount else 0 end) as {{ when }}_refunds,
        {%- endfor %}
        activity.store_id,
        spells.segment_id,
        activity.customer_id
    from activity
    inner join {{ ref('int_segment_spells') }} as spells on {{ is_members_day() }}
    inner join segments on spells.store_id = segments.store_id and spells.segment_id = segments.segment_id
    group by activity.store_id, spells.segment_id, activity.customer_id

),

totals as (

    select
        {%- for when in ['earlier', 'later'] %}
            coalesce(sum(spent.{{ when }}_revenue), 0) as {{ when }}_gross,
            coalesce(sum(spent.{{ when }}_refunds), 0) as {{ when }}_refunds,
            coalesce(sum(case when members.was_member and members.is_member then spent.{{ when }}_orders end), 0) as {{ when }}_orders,
            coalesce(sum(case when members.was_member and members.is_member then spent.{{ when }}_revenue end), 0) as {{ when }}_revenue,
        {%- endfor %}
        members.store_id,
        members.segment_id,
        members.last_date,
        sum(case when members.was_member then 1 else 0 end) as earlier_members,
        sum(case when members.is_member then 1 else 0 end) as later_members,
        sum(case when members.is_member and not members.was_member then 1 else 0 end) as members_joined,
        sum(case when members.was_member and not members.is_member then 1 else 0 end) as members_left,
        coalesce(sum(case when not members.was_member then spent.later_revenue - spent.earlier_revenue end), 0) as joined_effect,
        coalesce(sum(
            case when members.was_member and not members.is_member then spent.later_revenue - spent.earlier_revenue end
        ), 0) as left_effect
    from members
    left join spent
        on
            members.store_id = spent.store_id
            and members.segment_id = spent.segment_id
            and members.customer_id = spent.customer_id
    group by members.store_id, members.segment_id, members.last_date

),

-- of those who stayed, the logarithmic mean of both revenues times what their orders grew by: its limit where something is nothing
effects as (

    select
        *,
        case
            when earlier_orders = 0 or later_orders = 0 then later_revenue - earlier_revenue
            when earlier_revenue <= 0 or later_revenue <= 0 then 0
            when earlier_revenue = later_revenue
                then {{ money('later_revenue * ln(' ~ ratio('later_orders', 'earlier_orders') ~ ')') }}
            else {{ money(
                ratio('later_revenue - earlier_revenue', 'ln(' ~ ratio('later_revenue', 'earlier_revenue') ~ ')')
                ~ ' * ln(' ~ ratio('later_orders', 'earlier_orders') ~ ')'
            ) }}
        end as orders_effect
    from totals

)

select
    cast(store_id as text) as store_id,
    cast(segment_id as text) as segment_id,
    cast(last_date as date) as activity_date,
    cast(earlier_members as bigint) as earlier_members,
    cast(later_members as bigint) as later_members,
    cast(members_joined as bigint) as members_joined,
    cast(members_left as bigint) as members_left,
    cast(earlier_gross - earlier_refunds as numeric(18, 2)) as earlier_revenue,
    cast(later_gross - later_refunds as numeric(18, 2)) as later_revenue,
    cast(later_gross - later_refunds - earlier_gross + earlier_refunds as numeric(18, 2)) as revenue_change,
    cast(joined_effect as numeric(18, 2)) as joined_effect,
    cast(left_effect as numeric(18, 2)) as left_effect,
    cast(orders_effect as numeric(18, 2)) as orders_per_member_effect,
    cast(later_revenue - earlier_revenue - orders_effect as numeric(18, 2)) as value_per_order_effect,
    cast(earlier_refunds - later_refunds as numeric(18, 2)) as refunds_effect
from effects
