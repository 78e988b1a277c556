with validated as (

    select
        *,
        {{ rejection(['order_id']) }} as rejection,
        {{ is_not_yet('created_at') }} as is_not_yet
    from {{ source('input', 'purchase_attributions') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by
                store_id, order_id, product_id, attribution_type, attribution_source, attribution_medium, rejection is null, is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    order_id,
    product_id,
    attribution_type,
    attribution_source,
    attribution_medium,
    attribution_value,
    created_at,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('created_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
