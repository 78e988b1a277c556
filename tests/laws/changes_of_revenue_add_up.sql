-- If this fails, the parts of a segment's change of revenue are not the change, or the two revenues are not those of the days.
with days as (

    select
        changes.store_id,
        changes.segment_id,
        sum(case when days.activity_date > changes.activity_date - 28 then days.net_revenue else 0 end) as later_revenue,
        sum(case when days.activity_date <= changes.activity_date - 28 then days.net_revenue else 0 end) as earlier_revenue
    from {{ ref('segment_revenue_change') }} as changes
    inner join {{ ref('daily_metrics') }} as days
        on
            changes.store_id = days.store_id
            and changes.segment_id = days.segment_id
            and days.activity_date between changes.activity_date - 55 and changes.activity_date
    group by changes.store_id, changes.segment_id

)

select
    changes.store_id,
    changes.segment_id,
    changes.revenue_change
from {{ ref('segment_revenue_change') }} as changes
left join days on changes.store_id = days.store_id and changes.segment_id = days.segment_id
where
    changes.revenue_change <> changes.joined_effect + changes.left_effect + changes.orders_per_member_effect
    + changes.value_per_order_effect + changes.refunds_effect
    or changes.revenue_change <> changes.later_revenue - changes.earlier_revenue
    or changes.later_members <> changes.earlier_members + changes.members_joined - changes.members_left
    or changes.later_revenue <> coalesce(days.later_revenue, 0)
    or changes.earlier_revenue <> coalesce(days.earlier_revenue, 0)
