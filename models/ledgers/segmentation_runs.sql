-- rows are written at the end of a run (macros/runs.sql), so that a fit that failed has one too
select
    cast(null as text) as store_id,
    cast(null as text) as fit_model,
    cast(null as timestamp) as as_of,
    cast(null as text) as algorithm,
    cast(null as {{ json_type() }}) as parameters,
    cast(null as text) as status,
    cast(null as bigint) as segments_created,
    cast(null as bigint) as segment_count,
    cast(null as bigint) as people,
    cast(null as double precision) as seconds,
    cast(null as text) as error
where false
