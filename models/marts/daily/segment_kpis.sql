with days as (

    -- a day that is not over is held against none
    select
        of_store.store_id,
        of_store.activity_date,
        of_store.gross_revenue - of_store.refunded_amount as net_revenue,
        max(of_store.activity_date) over (partition by of_store.store_id) as last_date,
        min(of_store.activity_date) over (partition by of_store.store_id) as first_date
    from {{ ref('int_daily_stores') }} as of_store
    inner join {{ ref('stg_stores') }} as stores on of_store.store_id = stores.store_id
    where of_store.activity_date < {{ as_of_date('stores.timezone') }}

),

revenue as (

    select
        store_id,
        last_date,
        first_date,
        {%- for days in [7, 28] %}
            sum(case when last_date - activity_date < {{ days }} then net_revenue else 0 end) as revenue_{{ days }}d,
            sum(
                case when last_date - activity_date between {{ days }} and {{ 2 * days - 1 }} then net_revenue else 0 end
            ) as revenue_{{ days }}d_before,
        {%- endfor %}
        sum(case when activity_date = last_date then net_revenue else 0 end) as revenue_1d
    from days
    group by store_id, last_date, first_date

),

stores as (

    select
        store_id,
        {{ last_begun_date('timezone') }} as newest_date
    from {{ ref('stg_stores') }}

),

active as (

    select
        spans.store_id,
        spans.customer_id
    from {{ ref('int_customer_spans') }} as spans
    inner join stores on spans.store_id = stores.store_id
    where
        spans.state = 'active'
        and spans.from_date <= stores.newest_date
        and (spans.until_date is null or spans.until_date > stores.newest_date)

),

-- members are counted and not summed over time: they are tonight's, with whom no day has begun yet where it is midnight
members as (

    select
        spells.store_id,
        spells.segment_id,
        count(*) as members,
        count(active.customer_id) as active_members
    from {{ ref('int_segment_spells') }} as spells
    left join active on spells.store_id = active.store_id and spells.customer_id = active.customer_id
    where spells.until_date is null
    group by spells.store_id, spells.segment_id

),

sizes as (

    select
        segments.store_id,
        count(*) as total_segments,
        sum(coalesce(members.members, 0)) as total_members,
        sum(case when members.active_members > 0 then 1 else 0 end) as active_segments
    from {{ ref('int_named_segments') }} as segments
    left join members on segments.store_id = members.store_id and segments.segment_id = members.segment_id
    group by segments.store_id

)

select
    cast(revenue.store_id as text) as store_id,
    cast(revenue.last_date as date) as activity_date,
    cast(coalesce(sizes.total_segments, 0) as bigint) as total_segments,
    cast(coalesce(sizes.total_members, 0) as bigint) as total_members,
    cast(coalesce(sizes.active_segments, 0) as bigint) as active_segments,
    {{ round_to(ratio('sizes.total_members', 'sizes.total_segments'), 6) }} as average_size,
    cast(revenue.revenue_1d as numeric(18, 2)) as revenue_1d,
    {%- for days in [7, 28] %}
        cast(revenue.revenue_{{ days }}d as numeric(18, 2)) as revenue_{{ days }}d,
        -- a store that is younger has no time before to be held against
        case when revenue.last_date - revenue.first_date >= {{ 2 * days - 1 }} and revenue.revenue_{{ days }}d_before > 0 then {{ round_to(
            ratio('revenue.revenue_' ~ days ~ 'd - revenue.revenue_' ~ days ~ 'd_before', 'revenue.revenue_' ~ days ~ 'd_before'), 6
        ) }} end as revenue_change_{{ days }}d,
    {%- endfor %}
    {{ as_of() }} as updated_at
from revenue
left join sizes on revenue.store_id = sizes.store_id
