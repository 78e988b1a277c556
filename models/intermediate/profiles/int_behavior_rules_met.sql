-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = behavior_rules(rules_of(['segment', 'cohort_entry', 'cohort_exit', 'action']), by_day=true) %}
{%- set event_types = rules | map(attribute='event_type') | unique | reject('equalto', 'purchase') | sort %}
{%- set longest = rules | map(attribute='lookback_days') | max if rules else 0 %}

with stores as (

    select
        store_id,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

days as (

    -- from the rollup by visitor: adding whole days up by person first costs a hundred times as much
    select
        days.store_id,
        identities.customer_id,
        days.activity_date,
        {%- for event_type in event_types %}
            days.{{ event_type }},
        {%- endfor %}
        0 as orders
    from {{ ref('int_visitor_days') }} as days
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('days') }}
    union all
    -- purchases are orders that count
    select
        store_id,
        customer_id,
        order_date as activity_date,
        {%- for event_type in event_types %}
            0 as {{ event_type }},
        {%- endfor %}
        1 as orders
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null

),

recent as (

    select
        days.*,
        stores.today - days.activity_date as days_ago
    from days
    inner join stores on days.store_id = stores.store_id
    where
        stores.today - days.activity_date < {{ longest }}
        -- the same as a value, with room for every time zone: engines skip days by it before they join
        and days.activity_date > cast({{ shift_time(as_of(), -(longest + 1), 'day') }} as date)

),

counted as (

    select
        store_id,
        customer_id,
        cast(array[
            {%- for rule in rules %}
                {%- set counted = 'orders' if rule.event_type == 'purchase' else rule.event_type %}
                case
                    when sum(case when days_ago < {{ rule.lookback_days }} then {{ counted }} end) >= {{ rule.min_count }}
                        then {{ sql_text(rule.rule_id) }}
                end{{ ',' if not loop.last }}
            {%- endfor %}
        ] as text[]) as rules_met
    from recent
    group by store_id, customer_id

),

met as (

    select
        store_id,
        customer_id,
        unnest(rules_met) as rule_id
    from counted
    union all
    select
        store_id,
        customer_id,
        rule_id
    from {{ ref('int_event_rules_met') }}

)

select
    store_id,
    customer_id,
    array_agg(rule_id order by {{ byte_order('rule_id') }}) as rules_met
from met
where rule_id is not null
group by store_id, customer_id
