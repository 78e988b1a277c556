-- A sum has no precision on Postgres.
select
    sum(cast(id + 0.25 as numeric(18, 2))) as total,
    sum(cast(id as bigint)) as count_like
from {{ ref('typed') }}
