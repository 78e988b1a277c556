{{ config(severity='warn') }}

-- A warning, since a shop may land what it likes: more than one row in twenty of a table is refused. staging_issues says why, and
-- rejected_rows has them.
select
    store_id,
    table_name,
    raw_rows,
    rejected_rows
from {{ ref('staging_quality') }}
where raw_rows >= 20 and rejected_rows * 20 > raw_rows
