with validated as (

    select
        *,
        {{ rejection(['product_id']) }} as rejection
    from {{ source('input', 'products') }}
    where arrived_at < {{ as_of() }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, product_id, rejection is null
            order by arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    product_id,
    title,
    category,
    product_type,
    vendor,
    vertical,
    price,
    is_available,
    created_at,
    loaded_at,
    arrived_at,
    row_hash,
    rejection,
    broken_columns,
    {{ fate() }} as fate,
    case when rejection is not null then raw_row end as raw_row
from versions
