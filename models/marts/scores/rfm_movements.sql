with schemes as (

    select distinct scheme
    from {{ ref('int_rfm_codes') }}

),

named as (

    select
        history.store_id,
        history.as_of,
        schemes.scheme,
        earlier.rfm_segment as from_segment,
        later.rfm_segment as to_segment
    from {{ ref('rfm_history') }} as history
    cross join schemes
    left join {{ ref('int_rfm_codes') }} as earlier
        on schemes.scheme = earlier.scheme and history.earlier_rfm_code = earlier.rfm_code
    left join {{ ref('int_rfm_codes') }} as later
        on schemes.scheme = later.scheme and history.rfm_code = later.rfm_code

)

select
    cast(store_id as text) as store_id,
    cast(as_of as timestamp) as as_of,
    cast(scheme as text) as scheme,
    cast(from_segment as text) as from_segment,
    cast(to_segment as text) as to_segment,
    cast(count(*) as bigint) as customers
from named
where from_segment is distinct from to_segment
group by store_id, as_of, scheme, from_segment, to_segment
