{#- The value of a var that has only a few; any other stops the run with a sentence that lists them.
    Example: {% if choice('cohort_activity', ['orders', 'orders_and_returns']) == 'orders' %} -#}
{% macro choice(name, known) -%}
    {%- if var(name) not in known -%}
        {{- exceptions.raise_compiler_error(
            'The var ' ~ name ~ ' must be one of ' ~ known | join(', ') ~ ", not '" ~ var(name) ~ "'."
        ) -}}
    {%- endif -%}
    {{- return(var(name)) -}}
{%- endmacro %}

{#- What acquires a customer. Example: {% if acquisition_basis() == 'first_seen' %} -#}
{% macro acquisition_basis() -%}{{ return(choice('acquisition_basis', ['first_order', 'first_seen'])) }}{%- endmacro %}

{#- Whether a return counts as activity in cohorts, as an SQL literal. Example: {{ is_return_activity() }} as is_active -#}
{% macro is_return_activity() -%}
    {{ return('true' if choice('cohort_activity', ['orders', 'orders_and_returns']) == 'orders_and_returns' else 'false') }}
{%- endmacro %}
