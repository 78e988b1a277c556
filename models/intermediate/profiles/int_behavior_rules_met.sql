-- depends_on: {{ ref('int_valid_rules') }}, {{ ref('stg_events') }}, {{ ref('int_events_enriched') }}
{%- set rules = rules_of(['segment', 'cohort_entry', 'cohort_exit']) | selectattr('is_behavior') | list %}
{%- set from_days, from_events = [], [] %}
{%- for rule in rules %}
    {%- set has_column = rule.event_type in counted_event_types() and not fromjson(rule.properties or '{}') %}
    {%- do (from_days if has_column else from_events).append(rule) %}
{%- endfor %}
{%- set event_types = from_days | map(attribute='event_type') | unique | reject('equalto', 'purchase') | sort %}
{%- set longest = from_days | map(attribute='lookback_days') | max if from_days else 0 %}

with stores as (

    select
        store_id,
        timezone,
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
            {%- for rule in from_days %}
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

{%- if from_events %}

    -- rules about properties, and about types that the rollup has no column for, read their events
    rule_events as (

        select
            events.store_id,
            identities.customer_id,
            holding.event_type,
            holding.properties,
            stores.today - cast({{ local_time('events.occurred_at', 'stores.timezone') }} as date) as days_ago
        from {{ ref('stg_events') }} as holding
        inner join {{ ref('int_events_enriched') }} as events on holding.store_id = events.store_id and holding.event_id = events.event_id
        inner join stores on events.store_id = stores.store_id
        inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
        where
            holding.event_type in {{ sql_list(from_events | map(attribute='event_type') | unique) }}
            and holding.fate = 'accepted'
            and events.fate = 'accepted'
            and events.occurred_at >= {{ window_start(from_events | map(attribute='lookback_days') | max, 'stores.timezone') }}

    ),

    counted_events as (

        select
            store_id,
            customer_id,
            cast(array[
                {%- for rule in from_events %}
                    case
                        when
                            sum(
                                case
                                    when
                                        event_type = {{ sql_text(rule.event_type) }}
                                        and days_ago < {{ rule.lookback_days }}
                                        {%- if fromjson(rule.properties or '{}') %}
                                            and {{ json_holds('properties', rule.properties) }}
                                        {%- endif %}
                                        then 1
                                end
                            ) >= {{ rule.min_count }}
                            then {{ sql_text(rule.rule_id) }}
                    end{{ ',' if not loop.last }}
                {%- endfor %}
            ] as text[]) as rules_met
        from rule_events
        group by store_id, customer_id

    ),
{%- endif %}

met as (

    select
        store_id,
        customer_id,
        unnest(rules_met) as rule_id
    from counted
    {%- if from_events %}
        union all
        select
            store_id,
            customer_id,
            unnest(rules_met) as rule_id
        from counted_events
    {%- endif %}

)

select
    store_id,
    customer_id,
    array_agg(rule_id order by {{ byte_order('rule_id') }}) as rules_met
from met
where rule_id is not null
group by store_id, customer_id
