{{ config(materialized='view') }}

-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = behavior_rules(rules_of(['segment', 'cohort_entry', 'cohort_exit', 'action']), by_day=false) %}

with stores as (

    select
        store_id,
        timezone,
        {{ as_of_date('timezone') }} as today
    from {{ ref('stg_stores') }}

),

rule_events as (

    select
        events.store_id,
        identities.customer_id,
        payloads.event_type,
        payloads.properties,
        stores.today - cast({{ local_time('events.occurred_at', 'stores.timezone') }} as date) as days_ago
    from {{ ref('stg_events') }} as payloads
    inner join {{ ref('int_events_enriched') }} as events
        on payloads.store_id = events.store_id and payloads.event_id = events.event_id
    inner join stores on events.store_id = stores.store_id
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('events') }}
    where
        payloads.event_type in {{ sql_list(rules | map(attribute='event_type') | unique) }}
        and payloads.fate = 'accepted'
        and events.fate = 'accepted'
        and events.occurred_at >= {{ window_start(rules | map(attribute='lookback_days') | max if rules else 1, 'stores.timezone') }}

),

counted as (

    select
        store_id,
        customer_id,
        cast(array[
            {%- for rule in rules %}
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

met as (

    select
        store_id,
        customer_id,
        unnest(rules_met) as rule_id
    from counted

)

select
    store_id,
    customer_id,
    rule_id
from met
where rule_id is not null
