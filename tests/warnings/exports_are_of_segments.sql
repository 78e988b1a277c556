{{ config(severity='warn') }}

-- A warning, since the night goes on without it: the seed export_destinations names a segment that no store has, and nobody is handed
-- over for it. Segments of axes and clusters may come and go with fits, so ids and slugs of all that ever were count.
with listed as (

    select distinct
        destination_id,
        {{ split_to_rows(replace_all('segments', ' +', ',')) }} as slug
    from {{ ref('export_destinations') }}
    where segments <> 'all' and status = 'active'

),

known as (

    select segment_id as slug from {{ ref('int_segments') }}
    union
    select segment_id as slug from {{ ref('int_axis_segment_names') }}
    union
    select segment_key as slug from {{ ref('int_axis_segment_names') }}
    union
    select segment_id as slug from {{ ref('int_cluster_segments') }}

)

select
    'export_destinations: ' || listed.destination_id || ' names the segment ' || listed.slug
    || ', which no store has: nobody is handed over for it' as sentence
from listed
left join known on listed.slug = known.slug
where known.slug is null
