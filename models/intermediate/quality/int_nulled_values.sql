{%- set tables = contract_tables() -%}

with listed as (

    {%- for table in tables %}
        select
            base.store_id,
            '{{ table }}' as table_name,
            {{ split_to_rows('base.broken_columns') }} as entry
        from {{ ref('base_' ~ table) }} as base
        where {{ event_fate('base') if table == 'events' else 'base.fate' }} = 'accepted' and base.broken_columns is not null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

unusable_values as (

    select
        store_id,
        table_name,
        split_part(entry, ':', 2) as column_name,
        split_part(entry, ':', 1) as reason
    from listed
    union all
    select
        store_id,
        'stores' as table_name,
        'timezone' as column_name,
        'unknown' as reason
    from {{ ref('stg_stores') }}
    where has_unknown_timezone
    union all
    select
        store_id,
        'stores' as table_name,
        'currency' as column_name,
        'unknown' as reason
    from {{ ref('stg_stores') }}
    where has_unknown_currency
    union all
    select
        base.store_id,
        'customers' as table_name,
        'timezone' as column_name,
        'unknown' as reason
    from {{ ref('base_customers') }} as base
    inner join {{ ref('stg_customers') }} as staged
        on base.store_id = staged.store_id and base.customer_id = staged.source_customer_id
    where base.fate = 'accepted' and base.timezone is not null and staged.timezone is null
    union all
    select
        events.store_id,
        'events' as table_name,
        'event_type' as column_name,
        'unknown' as reason
    from {{ ref('base_events') }} as events
    where {{ event_fate('events') }} = 'accepted' and events.is_unknown_event_type
    union all
    select
        store_id,
        'orders' as table_name,
        'financial_status' as column_name,
        'unknown' as reason
    from {{ ref('stg_orders') }}
    where has_unknown_status
    union all
    -- a line waits for its order, and may come first
    select
        items.store_id,
        'order_items' as table_name,
        'order_id' as column_name,
        'no_order' as reason
    from {{ ref('stg_order_items') }} as items
    left join {{ ref('stg_orders') }} as orders on items.store_id = orders.store_id and items.order_id = orders.order_id
    where orders.order_id is null
    union all
    -- a bonus or a credit written as a line: its money counts
    select
        store_id,
        'order_items' as table_name,
        'price' as column_name,
        'negative' as reason
    from {{ ref('stg_order_items') }}
    where price < 0

)

select
    store_id,
    table_name,
    column_name,
    reason,
    -- a word that a vocabulary lacks is kept, and so are an order's number and the price of a line
    reason = 'no_order'
    or (reason = 'unknown' and column_name in ('event_type', 'financial_status'))
    or (reason = 'negative' and table_name = 'order_items') as is_kept,
    count(*) as value_count
from unusable_values
where column_name <> ''
group by store_id, table_name, column_name, reason
