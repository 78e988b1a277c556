{%- set names_no_session -%}
    when {{ known_id('session', 'session_id') }} is null then 'missing:session_id'
{%- endset -%}

with validated as (

    select
        *,
        {{ rejection(['session_id', 'started_at'], times=['started_at'], also=names_no_session) }} as rejection,
        {{ is_not_yet('started_at') }} as is_not_yet,
        {{ identifier_of({'anon': known_id('anon', 'anonymous_id'), 'customer': known_id('customer', 'customer_id')}) }} as visitor
    from {{ source('input', 'sessions') }}

),

named as (

    -- an id counts within its device; a row that names nobody is a version of one that does
    select
        *,
        coalesce(visitor, min({{ byte_order('visitor') }}) over (
            partition by store_id, session_id, rejection is null, is_not_yet, {{ is_late() }}
        )) as visit_of
    from validated

),

versions as (

    -- the latest version of a visit counts
    select
        *,
        row_number() over (
            partition by store_id, session_id, visit_of, rejection is null, is_not_yet
            order by {{ is_late() }}, arrived_at desc, {{ by_content() }}
        ) as version
    from named

)

select
    store_id,
    session_id,
    customer_id,
    anonymous_id,
    started_at,
    ended_at,
    device_type,
    browser,
    referrer_type,
    source,
    medium,
    campaign,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('started_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
