with segments as (

    select * from {{ ref('int_named_segments') }}

),

listed as (

    select distinct
        store_id,
        segment_list,
        {{ split_to_rows(replace_all('segments', ' +', ',')) }} as slug
    from {{ ref('int_export_destinations') }}
    where not is_for_all

),

wanted as (

    select
        store_id,
        'all' as segment_list,
        segment_id
    from segments
    where kind = 'segment'
    union
    select
        listed.store_id,
        listed.segment_list,
        segments.segment_id
    from listed
    inner join segments on listed.store_id = segments.store_id and (listed.slug = segments.slug or listed.slug = segments.segment_id)

)

select
    wanted.store_id,
    wanted.segment_list,
    segments.kind,
    segments.segment_id,
    segments.slug,
    segments.name,
    -- the same from night to night, and of nothing that the segment is about
    'Audience ' || left(md5(segments.segment_id), 8) as neutral_name
from wanted
inner join segments on wanted.store_id = segments.store_id and wanted.segment_id = segments.segment_id
