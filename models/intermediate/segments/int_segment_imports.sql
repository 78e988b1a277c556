-- of several rows of one person the one that was added last
with listed as (

    select
        imports.store_id,
        imports.segment_slug as group_id,
        identities.customer_id,
        coalesce(cast(imports.score as double precision), 1) as score,
        case when lower(imports.source) = 'manual' then 'manual' else 'import' end as source,
        imports.expires_at,
        row_number() over (
            partition by imports.store_id, imports.segment_slug, identities.customer_id
            order by imports.added_at desc nulls last, {{ byte_order('imports.source_customer_id') }}
        ) as recency_rank
    from {{ ref('stg_segment_imports') }} as imports
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('imports', identifier_of({'customer': 'imports.source_customer_id'})) }}
    where
        (imports.added_at is null or imports.added_at < {{ as_of() }})
        and (imports.removed_at is null or imports.removed_at >= {{ as_of() }})
        and (imports.expires_at is null or imports.expires_at > {{ as_of() }})

)

select
    store_id,
    group_id,
    customer_id,
    source,
    expires_at,
    {{ round_to('score', 6) }} as score
from listed
where recency_rank = 1
