-- depends_on: {{ ref('int_valid_rules') }}, {{ ref('stg_events') }}, {{ ref('int_events_enriched') }}
{%- set rules = rules_of(['segment', 'cohort_entry', 'cohort_exit']) | selectattr('is_behavior') | list %}
{%- set from_days, from_events = [], [] %}
{%- for rule in rules %}
    {%- do (from_events if fromjson(rule.properties or '{}') else from_days).append(rule) %}
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
    inner join {{ ref('customer_identities') }} as identities
        on days.store_id = identities.store_id and days.person_identifier = identities.identifier
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
        {%- for rule in from_days %}
            sum(
                case when days_ago < {{ rule.lookback_days }} then {{ rule.event_type | replace('purchase', 'orders') }} else 0 end
            ) as "{{ rule.rule_id }}",
        {%- endfor %}
        count(*) as days
    from recent
    group by store_id, customer_id

),

met as (

    {%- if from_days %}
        select
            store_id,
            customer_id,
            unnest(array[
                {%- for rule in from_days %}
                    case when "{{ rule.rule_id }}" >= {{ rule.min_count }} then '{{ rule.rule_id }}' end{{ ',' if not loop.last }}
                {%- endfor %}
            ]) as rule_id
        from counted
        union all
    {%- endif %}
    {%- for rule in from_events %}
        -- {{ rule.rule_id }}: only its events are read for what they hold
        select
            events.store_id,
            identities.customer_id,
            '{{ rule.rule_id }}' as rule_id
        from {{ ref('stg_events') }} as holding
        inner join {{ ref('int_events_enriched') }} as events on holding.store_id = events.store_id and holding.event_id = events.event_id
        inner join stores on events.store_id = stores.store_id
        inner join {{ ref('customer_identities') }} as identities
            on events.store_id = identities.store_id and events.person_identifier = identities.identifier
        where
            holding.event_type = '{{ rule.event_type }}'
            and holding.fate = 'accepted'
            and events.fate = 'accepted'
            and {{ json_holds('holding.properties', rule.properties) }}
            and events.occurred_at >= {{ window_start(rule.lookback_days, 'stores.timezone') }}
        group by events.store_id, identities.customer_id
        having count(*) >= {{ rule.min_count }}
        union all
    {%- endfor %}
    select
        store_id,
        customer_id,
        cast(null as text) as rule_id
    from counted
    where false

)

select
    store_id,
    customer_id,
    array_agg(rule_id order by {{ byte_order('rule_id') }}) as rules_met
from met
where rule_id is not null
group by store_id, customer_id
