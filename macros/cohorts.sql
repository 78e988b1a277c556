{#- Whether a return counts as activity in cohorts, as an SQL literal. Example: {{ is_return_activity() }} as is_active -#}
{% macro is_return_activity() -%}{{ return('true' if var('cohort_activity') == 'orders_and_returns' else 'false') }}{%- endmacro %}
