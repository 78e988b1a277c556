-- a store that landed none is made up, and rates have no columns that need not be filled
with filled as (

    {%- for table in contract_tables() if table not in ['stores', 'exchange_rates'] %}
        select
            store_id,
            '{{ table }}' as table_name,
            {%- set names = [] %}
            {%- for column, staged in optional_columns(table).items() %}
                {%- do names.append("case when count(" ~ staged ~ ") = 0 then '" ~ column ~ "' end") %}
            {%- endfor %}
            nullif(concat_ws(', ', {{ names | join(',\n                ') or 'null' }}), '') as empty_columns
        from {{ ref('stg_' ~ table) }}
        {%- if table == 'events' %}
            -- what the shop sends now: looking through all of its past would cost more than it tells
            where fate = 'accepted' and occurred_at >= {{ shift_time(as_of(), -30, 'days') }}
        {%- endif %}
        group by store_id
        {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    store_id,
    table_name,
    empty_columns
from filled
where empty_columns is not null
