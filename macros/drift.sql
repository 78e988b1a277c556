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

{#- Text as Slack's mrkdwn shows it: what would begin a link or a name is text. Example: {{ mrkdwn('sentence') }} -#}
{% macro mrkdwn(value) -%}replace(replace(replace({{ value }}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'){%- endmacro %}
