{{ config(severity='warn') }}

-- A warning, since a shop may be given up: all memberships of a store ended this night, because no raw table has a row of it.
with ended as (

    select
        store_id,
        count(distinct customer_id) as customers
    from {{ ref('membership_changes') }}
    where as_of = {{ as_of() }} and not is_member and reason = 'gone'
    group by store_id

)

select
    store_id || ': is in no raw table any more, and ' || customers || ' of its customers left their segments this night.'
    || ' Does the loader run? When it is back:'
    || ' --vars ''{as_of: "{{ as_of_text()[:10] }}", rebuild_from: "{{ as_of_text()[:10] }}"}''' as sentence
from ended
where
    store_id not in (
        select stores.store_id
        from {{ ref('stg_stores') }} as stores
    )
