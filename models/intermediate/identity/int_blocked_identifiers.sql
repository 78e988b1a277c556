{%- set sources = {
    'customers': {'customer': 'customer_id', 'email': 'email', 'phone': 'phone'},
    'identities': {'customer': 'customer_id', 'email': 'email', 'phone': 'phone', 'anon': 'anonymous_id'},
    'orders': {'customer': 'customer_id', 'email': 'email'},
    'refunds': {'customer': 'customer_id'},
    'support_tickets': {'customer': 'customer_id', 'email': 'email'},
    'sessions': {'customer': 'customer_id', 'anon': 'anonymous_id'},
    'events': {'customer': 'customer_id', 'email': 'email', 'anon': 'anonymous_id'}
} -%}

with blocked as (

    select
        identifier_type,
        coalesce(value, 'null') as blocked_value
    from {{ ref('stg_identity_rules') }}
    where rule = 'blocked'

),

found as (

    {%- for source, columns in sources.items() %}
        {%- set last = loop.last %}
        {%- for kind, column in columns.items() %}
            select
                landed.store_id,
                '{{ source }}' as source,
                '{{ kind }}:' || landed.{{ column }} as identifier
            from {{ ref('base_' ~ source) }} as landed
            inner join {{ ref('stg_stores') }} as stores on landed.store_id = stores.store_id
            inner join blocked
                on lower(landed.{{ column }}) = blocked.blocked_value and blocked.identifier_type in ('any', '{{ kind }}')
            where {{ event_fate('landed') if source == 'events' else 'landed.fate' }} = 'accepted'
            {%- if not (last and loop.last) %}
                union all
            {%- endif %}
        {%- endfor %}
    {%- endfor %}

)

select
    store_id,
    source,
    identifier,
    count(*) as row_count
from found
group by store_id, source, identifier
