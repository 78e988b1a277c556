{#- Every row finds its row in another model by one or more columns; a row with a null among them needs none. Unlike
    dbt's relationships test it takes a key of several columns, as every key here begins with store_id.
    Example: - belongs_to: {arguments: {columns: [store_id, order_id], to: ref('int_orders'), to_columns: [store_id, order_id]}} -#}
{% test belongs_to(model, columns, to, to_columns) %}

select distinct
    {%- for column in columns %}
    child.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ model }} as child
where
    {%- for column in columns %}
    child.{{ column }} is not null and
    {%- endfor %}
    not exists (
        select 1
        from {{ to }} as parent
        where
            {%- for column in columns %}
            {{ 'and ' if not loop.first }}parent.{{ to_columns[loop.index0] }} = child.{{ column }}
            {%- endfor %}
    )

{% endtest %}
