{#- A number from 0 to 1 (without 1) that a text always gives, on every engine: who is below 0.1 is a tenth of all, and always the same.
    Of its md5 the first 28 bits. value: SQL expression of text. Example: {{ hash_share("'salt:' || customer_id") }} < 0.1 -#}
{% macro hash_share(value) -%}{{ adapter.dispatch('hash_share', 'tessera')(value) }}{%- endmacro %}
{% macro default__hash_share(value) -%}
    (cast(cast(cast('x' || left(md5({{ value }}), 7) as bit(28)) as integer) as double precision) / 268435456)
{%- endmacro %}
{% macro duckdb__hash_share(value) -%}
    (cast(cast('0x' || left(md5({{ value }}), 7) as integer) as double precision) / 268435456)
{%- endmacro %}
