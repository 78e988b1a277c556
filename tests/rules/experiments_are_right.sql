{{ config(severity='warn') }}

-- An experiment with a wrong row is run for nobody. The night goes on without it, so this warns.
select
    experiment_id,
    reason
from {{ ref('int_experiment_errors') }}
