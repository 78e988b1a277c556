select
    cast(store_id as text) as store_id,
    cast(experiment_id as text) as experiment_id,
    cast(customer_id as text) as customer_id,
    cast(arm as text) as arm,
    exposed_at,
    assigned_at
from {{ ref('int_experiment_people') }}
