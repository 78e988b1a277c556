select
    batch,
    name
from {{ ref('kept_sql') }}
