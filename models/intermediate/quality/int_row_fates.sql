{%- set tables = contract_tables() | reject('equalto', 'events') -%}

with suppressed as (

    -- of people who asked not to be tracked
    select
        store_id,
        event_id
    from {{ ref('int_events_enriched') }}
    where fate = 'suppressed'

),

row_fates as (

    {%- for table in tables %}
        select
            coalesce(store_id, '') as store_id,
            '{{ table }}' as table_name,
            fate,
            rejection
        from {{ ref('base_' ~ table) }}
        union all
    {%- endfor %}
    select
        coalesce(store_id, '') as store_id,
        'events' as table_name,
        'rejected' as fate,
        rejection
    from {{ ref('base_events') }} as events
    where {{ event_fate('events') }} = 'rejected'
    union all
    select
        events.store_id,
        'events' as table_name,
        case when events.fate = 'accepted' and suppressed.event_id is not null then 'suppressed' else events.fate end as fate,
        cast(null as text) as rejection
    from {{ ref('stg_events') }} as events
    left join suppressed on events.store_id = suppressed.store_id and events.event_id = suppressed.event_id
    where events.arrived_at < {{ as_of() }} and events.fate in ('accepted', 'duplicate', 'not_yet')

),

waiting as (

    -- events that were loaded at or after as_of do not exist for the run
    select
        coalesce(store_id, '') as store_id,
        'events' as table_name,
        'not_yet' as fate,
        cast(null as text) as rejection
    from {{ source('input', 'events') }}
    where arrived_at >= {{ as_of() }}

)

-- rows of persons who were forgotten are not even read
select
    store_id,
    table_name,
    'suppressed' as fate,
    'erased' as reason,
    cast(null as text) as column_name,
    row_count
from {{ source('input', 'erased_rows') }}
union all
select
    store_id,
    table_name,
    fate,
    split_part(rejection, ':', 1) as reason,
    split_part(rejection, ':', 2) as column_name,
    count(*) as row_count
from (
    select * from row_fates
    union all
    select * from waiting
) as fates
group by store_id, table_name, fate, split_part(rejection, ':', 1), split_part(rejection, ':', 2)
