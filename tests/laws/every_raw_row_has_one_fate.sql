-- If this fails, rows were lost or counted twice on their way from raw to staging. On the incremental events it also shows
-- rows that became visible later than the var loaded_at_overlap_hours allows; a full refresh of base_events finds them.
select
    store_id,
    table_name,
    raw_rows,
    accepted_rows,
    duplicate_rows,
    rejected_rows,
    suppressed_rows,
    not_yet_rows
from {{ ref('staging_quality') }}
where raw_rows <> accepted_rows + duplicate_rows + rejected_rows + suppressed_rows + not_yet_rows
