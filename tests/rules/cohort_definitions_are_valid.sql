{{ config(severity='warn') }}

-- A cohort with a wrong definition is left out, with its rules: nobody is a member and nothing is counted. The night goes on without
-- it, so this warns.
select
    seed,
    cohort_id,
    reason
from {{ ref('int_cohort_errors') }}
