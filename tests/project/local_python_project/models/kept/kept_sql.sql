select
    {{ var('batch', 1) }} as batch,
    cast('a' as text) as name
    {%- if var('shape', '') == 'wider' %},
    cast(1.5 as numeric(5, 2)) as more
    {%- elif var('shape', '') == 'retyped' %},
    cast(2 as integer) as more
    {%- endif %}
