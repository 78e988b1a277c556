with validated as (

    select
        *,
        {{ rejection(['segment_slug', 'customer_id']) }} as rejection,
        {{ is_not_yet('added_at') }} as is_not_yet
    from {{ source('input', 'segment_imports') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, segment_slug, customer_id, added_at, rejection is null, is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    segment_slug,
    customer_id,
    added_at,
    removed_at,
    expires_at,
    score,
    source,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('added_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
