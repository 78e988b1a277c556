{%- set kinds = ['customer', 'email', 'phone', 'anon', 'external'] -%}

with identifiers as (

    {%- for kind in kinds %}
        select
            store_id,
            '{{ kind }}' as identifier_type,
            {{ kind }}_identifier as identifier,
            min(first_at) as first_at,
            min(case when source = 'customers' then first_at end) as record_created_at
        from {{ ref('int_identity_rows') }}
        where {{ kind }}_identifier is not null
        group by store_id, {{ kind }}_identifier
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

)

select
    store_id,
    identifier,
    identifier_type,
    first_at,
    substring(identifier from position(':' in identifier) + 1) as identifier_value,
    case when identifier_type = 'customer' then record_created_at end as record_created_at
from identifiers
