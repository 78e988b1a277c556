{{ config(materialized='view') }}

select
    cast(fingerprints.store_id as text) as store_id,
    cast(fingerprints.customer_id as text) as customer_id,
    cast(segments.axis_name as text) as axis_name,
    cast(segments.segment_id as text) as segment_id,
    cast(segments.segment_key as text) as segment_key,
    cast(segments.segment_name as text) as segment_name,
    cast(fingerprints.fingerprint[segments.fingerprint_position] as double precision) as membership,
    segments.segment_id = fingerprints.dominant_segment_ids[segments.axis_number] as is_dominant
from {{ ref('axis_fingerprints') }} as fingerprints
inner join {{ ref('int_axis_segment_names') }} as segments on fingerprints.store_id = segments.store_id
where segments.is_current and fingerprints.fingerprint[segments.fingerprint_position] is not null
