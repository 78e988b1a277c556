{#- The columns together are a key: none of them is null, and no two rows share them.
    Example: - unique_key: {arguments: {columns: [store_id, order_id]}} -#}
{% test unique_key(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as copies
from {{ model }}
group by
    {{ columns | join(',\n    ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{% endtest %}
