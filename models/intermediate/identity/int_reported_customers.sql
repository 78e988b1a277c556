{{ config(materialized='view') }}

with reported as (

    select
        store_id,
        session_id,
        source_customer_id,
        {{ identifier_of({'anon': 'anonymous_id'}) }} as device_id
    from {{ ref('stg_sessions') }}
    where source_customer_id is not null

)

-- a visit of which two are told is nobody's
select
    store_id,
    session_id,
    device_id,
    min(source_customer_id) as source_customer_id
from reported
group by store_id, session_id, device_id
having min(source_customer_id) = max(source_customer_id)
