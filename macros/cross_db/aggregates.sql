{#- Aggregates: the first (last) value of a group that is not null, by an order without ties.
    Example: {{ first_known('source', 'session_sequence') }} -#}
{% macro first_known(value, order_by) -%}{{ adapter.dispatch('first_known', 'tessera')(value, order_by) }}{%- endmacro %}
{% macro default__first_known(value, order_by) -%}
    (array_agg({{ value }} order by {{ order_by }}) filter (where {{ value }} is not null))[1]
{%- endmacro %}
{% macro duckdb__first_known(value, order_by) -%}arg_min({{ value }}, {{ order_by }}){%- endmacro %}

{% macro last_known(value, order_by) -%}{{ adapter.dispatch('last_known', 'tessera')(value, order_by) }}{%- endmacro %}
{% macro default__last_known(value, order_by) -%}
    (array_agg({{ value }} order by {{ order_by }} desc) filter (where {{ value }} is not null))[1]
{%- endmacro %}
{% macro duckdb__last_known(value, order_by) -%}arg_max({{ value }}, {{ order_by }}){%- endmacro %}

{#- Window: the last value of a partition that is not null, by time and then event id. Postgres has no IGNORE NULLS.
    Example: {{ last_known_of_partition('customer_id', 'occurred_at', 'event_id', 'store_id, session_key') }} -#}
{% macro last_known_of_partition(value, time, id, partition) -%}
    {{ adapter.dispatch('last_known_of_partition', 'tessera')(value, time, id, partition) }}
{%- endmacro %}
{% macro default__last_known_of_partition(value, time, id, partition) -%}
    (
        max(case when {{ value }} is not null then array[to_char({{ time }}, 'YYYYMMDDHH24MISSUS'), {{ id }}, {{ value }}] collate "C" end)
            over (partition by {{ partition }})
    )[3]
{%- endmacro %}
{% macro duckdb__last_known_of_partition(value, time, id, partition) -%}
    last_value({{ value }} ignore nulls) over (
        partition by {{ partition }}
        order by {{ time }}, {{ id }}
        rows between unbounded preceding and unbounded following
    )
{%- endmacro %}
