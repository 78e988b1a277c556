with placed as (

    select
        links.store_id,
        links.left_identifier,
        links.right_identifier,
        links.source,
        lefts.status as left_status,
        rights.status as right_status
    from {{ ref('int_identity_links') }} as links
    inner join {{ ref('identity_components') }} as lefts
        on links.store_id = lefts.store_id and links.left_identifier = lefts.identifier
    inner join {{ ref('identity_components') }} as rights
        on links.store_id = rights.store_id and links.right_identifier = rights.identifier
    where lefts.component <> rights.component

),

refused as (

    -- a tie that does not count, told from the side of the value that it failed for
    select
        store_id,
        source,
        case
            when right_status <> 'ok' then right_status
            when left_status <> 'ok' then left_status
            else 'two_customers'
        end as finding,
        case when right_status = 'ok' and left_status <> 'ok' then left_identifier else right_identifier end as identifier,
        case when right_status = 'ok' and left_status <> 'ok' then right_identifier else left_identifier end as other_identifier
    from placed

),

shared as (

    select
        store_id,
        finding,
        identifier,
        count(distinct other_identifier) as other_count
    from refused
    group by store_id, finding, identifier

),

large as (

    select
        store_id,
        customer_id,
        count(*) as identifiers
    from {{ ref('customer_identities') }}
    group by store_id, customer_id
    having count(*) > {{ var('max_identity_cluster') }}

)

select
    cast(refused.store_id as text) as store_id,
    cast(refused.finding as text) as finding,
    cast(refused.identifier as text) as identifier,
    cast(refused.other_identifier as text) as other_identifier,
    cast(refused.source as text) as source,
    cast(shared.other_count as bigint) as row_count
from refused
inner join shared
    on
        refused.store_id = shared.store_id
        and refused.finding = shared.finding
        and refused.identifier = shared.identifier
union all
select
    store_id,
    'large_person' as finding,
    customer_id as identifier,
    null as other_identifier,
    null as source,
    identifiers as row_count
from large
union all
select
    store_id,
    'blocked' as finding,
    identifier,
    null as other_identifier,
    source,
    row_count
from {{ ref('int_blocked_identifiers') }}
