{#- What is watched from day to day, by metric: whether it is a number, a part of another one, or money; what is counted on a day; and
    what it is counted of: days, those since the night before where nights see it, or another number. -#}
{% macro watched_of_stores() -%}
    {{- return({
        'visits': ['number', 'visits', '1'],
        'orders': ['number', 'orders', '1'],
        'new_customers': ['number', 'new_customers', '1'],
        'refunds': ['number', 'refunds', '1'],
        'conversion_rate': ['part', 'visits_with_order', 'visits'],
        'avg_order_value': ['money', 'gross_revenue', 'orders - unvalued_orders'],
        'valuable_declining': ['number', 'valuable_declining', 'days_seen']
    }) -}}
{%- endmacro %}
{% macro watched_of_segments() -%}
    {{- return({
        'members_joined': ['number', 'members_joined', 'days_seen'],
        'members_left': ['number', 'members_left', 'days_seen'],
        'orders': ['part', 'orders', 'store_orders'],
        'conversion_rate': ['part', 'visits_with_order', 'visits'],
        'avg_order_value': ['money', 'gross_revenue', 'orders - unvalued_orders']
    }) -}}
{%- endmacro %}

{#- The spans of days that are tested, with the degrees of freedom of Student's t that the tails of numbers follow; those of money are
    heavier, as of 12 (docs/decisions.md says how they were measured). -#}
{% macro tested_spans() -%}{{- return({1: 60, 3: 30, 7: 18}) -}}{%- endmacro %}

{#- How far what was counted is from what was to be expected, above 0 or below. By its square root a number varies as much wherever it is
    (Anscombe 1948), and by its logarithm money as much up as down. Null where nothing was to be counted.
    Example: {{ surprise_of('observed', 'expected', 'exposure') }} -#}
{% macro surprise_of(observed, expected, exposure) -%}
    case
        when {{ exposure }} = 0 then null
        when kind <> 'money' then 2 * (sqrt({{ observed }} + 0.375) - sqrt({{ expected }} + 0.375))
        when {{ observed }} > 0 and {{ expected }} > 0 then sqrt({{ expected }}) * ln({{ observed }} / {{ expected }})
    end
{%- endmacro %}

{#- Text as Slack's mrkdwn shows it: what would begin a link or a name is text. Example: {{ mrkdwn('sentence') }} -#}
{% macro mrkdwn(value) -%}replace(replace(replace({{ value }}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'){%- endmacro %}

{#- What shapes the features that people show, other than what they did, as one value: a night that had another is compared with
    none. -#}
{% macro feature_settings() -%}
    {%- set found = {} -%}
    {%- for name in [
        'earliest_date', 'max_identity_cluster', 'merge_customers_by', 'opens_are_activity', 'quarantine_session_events',
        'quarantine_session_hours', 'session_max_gap_hours', 'session_timeout_minutes', 'time_spent_cap_minutes'
    ] -%}
        {%- do found.update({name: var(name) | string}) -%}
    {%- endfor -%}
    {{- sql_text(local_md5(tojson(found, sort_keys=true))) -}}
{%- endmacro %}
