with validated as (

    select
        *,
        {{ rejection([]) }} as rejection
    from {{ source('input', 'stores') }}
    where arrived_at < {{ as_of() }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, rejection is null
            order by {{ past('updated_at') }} desc nulls last, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    domain,
    name,
    email,
    timezone,
    currency,
    created_at,
    updated_at,
    loaded_at,
    arrived_at,
    row_hash,
    rejection,
    broken_columns,
    {{ fate() }} as fate,
    case when rejection is not null then raw_row end as raw_row
from versions
