{{ config(materialized='view') }}

with named as (

    select
        store_id,
        first_name,
        last_name,
        {{ identifier_of({
            'customer': 'source_customer_id',
            'email': 'email',
            'phone': 'phone',
            'anon': 'anonymous_id'
        }) }} as identifier,
        row_number() over (
            partition by store_id
            order by
                identified_at,
                {{ byte_order("coalesce(first_name, '')") }},
                {{ byte_order("coalesce(last_name, '')") }},
                {{ byte_order("coalesce(anonymous_id, '')") }}
        ) as name_rank
    from {{ ref('stg_identities') }}
    where first_name is not null or last_name is not null

)

-- the last that a row of identities says of a name
select
    identities.store_id,
    identities.customer_id,
    {{ last_known('named.first_name', 'named.name_rank') }} as first_name,
    {{ last_known('named.last_name', 'named.name_rank') }} as last_name
from named
inner join {{ ref('customer_identities') }} as identities on {{ same_person('named', 'named.identifier') }}
group by identities.store_id, identities.customer_id
