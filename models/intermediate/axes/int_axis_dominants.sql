{{ config(materialized='view') }}

with axes as (

    select distinct
        axis_number,
        axis_name
    from {{ ref('axes') }}

)

select
    fingerprints.store_id,
    fingerprints.customer_id,
    axes.axis_name,
    fingerprints.dominant_segment_ids[axes.axis_number] as segment_id,
    fingerprints.dominant_memberships[axes.axis_number] as membership,
    fingerprints.membership_strengths[axes.axis_number] as membership_strength
from {{ ref('axis_fingerprints') }} as fingerprints
cross join axes
where fingerprints.dominant_segment_ids[axes.axis_number] is not null
