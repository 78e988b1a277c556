-- Whoever reads this loses the connection half-way.
{{ config(materialized='view') }}
select
    i as id,
    case when i = 50000 then pg_terminate_backend(pg_backend_pid()) end as is_killed
from generate_series(1, 100000) as numbers (i)
