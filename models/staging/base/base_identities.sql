{%- set not_two_identifiers -%}
when
            case when anonymous_id is null then 0 else 1 end + case when customer_id is null then 0 else 1 end
            + case when email is null then 0 else 1 end + case when phone is null then 0 else 1 end < 2 then 'missing:identifiers'
{%- endset -%}

with validated as (

    select
        *,
        {{ rejection(['identified_at'], times=['identified_at'], also=not_two_identifiers) }} as rejection,
        {{ is_not_yet('identified_at') }} as is_not_yet
    from {{ source('input', 'identities') }}

),

versions as (

    -- the latest version of an id counts
    select
        *,
        row_number() over (
            partition by store_id, row_hash, rejection is null, is_not_yet
            order by arrived_at asc, {{ by_content() }}
        ) as version
    from validated

)

select
    store_id,
    identified_at,
    anonymous_id,
    customer_id,
    email,
    phone,
    first_name,
    last_name,
    loaded_at,
    arrived_at,
    row_hash,
    {{ refused() }} as rejection,
    broken_columns,
    {{ fate(not_yet='is_not_yet', was_there=was_there('identified_at')) }} as fate,
    case when {{ refused() }} is not null then raw_row end as raw_row
from versions
