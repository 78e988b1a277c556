{{ config(materialized='view') }}

select
    stores.store_id,
    destinations.destination_id,
    destinations.channel,
    destinations.names,
    destinations.needs_gdpr_consent,
    destinations.segments,
    -- destinations that are told of the same segments have one list of them
    case when destinations.segments = 'all' then 'all' else 'of ' || destinations.destination_id end as segment_list,
    destinations.segments = 'all' as is_for_all
from {{ ref('export_destinations') }} as destinations
inner join {{ ref('stg_stores') }} as stores on destinations.store_id is null or destinations.store_id = stores.store_id
where destinations.status = 'active'
