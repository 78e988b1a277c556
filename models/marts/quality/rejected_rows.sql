{%- set tables = contract_tables() | reject('equalto', 'events') -%}

with rejected as (

    {%- for table in tables %}
        select
            store_id,
            '{{ table }}' as table_name,
            rejection,
            raw_row,
            loaded_at
        from {{ ref('base_' ~ table) }}
        where fate = 'rejected'
        union all
    {%- endfor %}
    select
        store_id,
        'events' as table_name,
        rejection,
        raw_row,
        loaded_at
    from {{ ref('base_rejected_events') }}
    where arrived_at < {{ as_of() }}

)

select
    cast(coalesce(store_id, '') as text) as store_id,
    cast(table_name as text) as table_name,
    cast(split_part(rejection, ':', 1) as text) as reason,
    cast(split_part(rejection, ':', 2) as text) as column_name,
    cast(raw_row as {{ json_type() }}) as raw_row,
    cast(loaded_at as timestamp) as loaded_at
from rejected
