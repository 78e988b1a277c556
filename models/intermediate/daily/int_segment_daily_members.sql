{{ config(
    materialized='incremental', incremental_strategy='replace_where', on_schema_change='append_new_columns',
    meta={'replaces': 'rows_of_changed_members'}, post_hook="{{ ensure_index(['store_id', 'activity_date', 'segment_id']) }}"
) }}

{%- set sums = ['members', 'active_members', 'net_revenue', 'orders_30d'] + daily_states() %}

with changed as (

    {{ changed_days(is_incremental(), 'members_hash') | indent(4) }}

),

bounds as (

    select
        store_id,
        min(activity_date) as first_date,
        max(activity_date) as last_date
    from changed
    group by store_id

),

spells as (

    select
        spells.store_id,
        spells.segment_id,
        spells.customer_id,
        spells.until_date,
        greatest(spells.from_date, bounds.first_date) as from_date
    from {{ ref('int_segment_spells') }} as spells
    inner join bounds on spells.store_id = bounds.store_id
    where spells.from_date <= bounds.last_date and (spells.until_date is null or spells.until_date > bounds.first_date)

),

spans as (

    select spans.*
    from {{ ref('int_customer_spans') }} as spans
    inner join bounds on spans.store_id = bounds.store_id
    where spans.from_date <= bounds.last_date and (spans.until_date is null or spans.until_date > bounds.first_date)

),

-- times during which a member is the same: as a member, and as who the person is
held as (

    select
        count(*) as members,
        {%- for column in sums[1:] %}
            0 as {{ column }},
        {%- endfor %}
        store_id,
        segment_id,
        from_date,
        until_date
    from spells
    group by store_id, segment_id, from_date, until_date
    union all
    select
        0 as members,
        sum(case when spans.state = 'active' then 1 else 0 end) as active_members,
        sum(spans.net_revenue) as net_revenue,
        sum(spans.orders_30d) as orders_30d,
        {%- for state in daily_states() %}
            sum(case when spans.state = '{{ state }}' and spans.is_customer then 1 else 0 end) as {{ state }},
        {%- endfor %}
        spells.store_id,
        spells.segment_id,
        greatest(spells.from_date, spans.from_date) as from_date,
        least(spells.until_date, spans.until_date) as until_date
    from spells
    inner join spans
        on
            spells.store_id = spans.store_id
            and spells.customer_id = spans.customer_id
            and (spells.until_date is null or spells.until_date > spans.from_date)
            and (spans.until_date is null or spells.from_date < spans.until_date)
    group by
        spells.store_id, spells.segment_id, greatest(spells.from_date, spans.from_date), least(spells.until_date, spans.until_date)

),

changes as (

    select
        {%- for column in sums %}
            sum(signs.sign * held.{{ column }}) as {{ column }},
        {%- endfor %}
        held.store_id,
        held.segment_id,
        case when signs.sign = 1 then held.from_date else held.until_date end as activity_date
    from held
    -- what begins adds, what ends takes away
    cross join unnest(array[1, -1]) as signs (sign)
    where signs.sign = 1 or held.until_date is not null
    group by held.store_id, held.segment_id, case when signs.sign = 1 then held.from_date else held.until_date end
    union all
    -- days that are asked for are there too where nothing changes
    select
        {%- for column in sums %}
            0 as {{ column }},
        {%- endfor %}
        spells.store_id,
        spells.segment_id,
        changed.activity_date
    from (
        select distinct
            store_id,
            segment_id
        from spells
    ) as spells
    inner join changed on spells.store_id = changed.store_id

),

counted as (

    select
        {%- for column in sums %}
            sum(sum({{ column }})) over (
                partition by store_id, segment_id order by activity_date rows between unbounded preceding and current row
            ) as {{ column }},
        {%- endfor %}
        store_id,
        segment_id,
        activity_date
    from changes
    group by store_id, segment_id, activity_date

)

select
    counted.store_id,
    counted.activity_date,
    counted.segment_id,
    cast(counted.members as bigint) as members,
    cast(counted.active_members as bigint) as active_members,
    {{ fit_money('counted.net_revenue') }} as net_revenue_to_date,
    cast(counted.orders_30d as bigint) as orders_30d,
    {%- for state in daily_states() %}
        cast(counted.{{ state }} as bigint) as {{ state }}_customers,
    {%- endfor %}
    changed.day_hash
from counted
inner join changed on counted.store_id = changed.store_id and counted.activity_date = changed.activity_date
where counted.members > 0
