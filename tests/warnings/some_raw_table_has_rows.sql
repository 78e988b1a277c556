{{ config(severity='warn') }}

-- A warning, since the night is right about what there is: the raw tables are there, and none of them has any row.
select 'No raw table has any row. Does the loader run, and into the place that the vars raw_database and raw_schema name?' as sentence
where
    not {{ is_empty_run() }}
    and not exists (
        select 1 from {{ source('input', 'landed_rows') }}
        where row_count > 0
    )
