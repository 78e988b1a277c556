{#- A whole number that is another one where any of some values is: sums of it over rows, in whatever order, tell whether the rows are still
    the same. It is the engine's own, fast and not the same on two engines, so it is kept to be compared with itself alone.
    Example: sum({{ content_hash(['customer_id', 'orders']) }}) -#}
{% macro content_hash(columns) -%}{{ adapter.dispatch('content_hash', 'tessera')(columns) }}{%- endmacro %}
{% macro default__content_hash(columns) -%}cast(hash_record_extended(row({{ columns | join(', ') }}), 0) as numeric){%- endmacro %}
{% macro duckdb__content_hash(columns) -%}cast(hash({{ columns | join(', ') }}) as hugeint){%- endmacro %}
