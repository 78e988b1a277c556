with validated as (

    select
        *,
        {{ rejection(['product_id']) }} as rejection
    from {{ source('input', 'products') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, product_id, rejection is null
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
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
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(was_there=was_there('created_at', or_unknown=true)) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
