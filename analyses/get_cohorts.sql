-- getCohorts: a store's active cohorts, a page after the key in the var after
select
    cohort_key as id,
    cohort_name,
    cohort_type,
    acquisition_start_date,
    acquisition_end_date,
    description,
    member_count,
    is_active
from {{ ref('cohorts') }}
where
    store_id = {{ sql_text(var('store_id', 'store_1')) }}
    and is_active
    and {{ byte_order('cohort_key') }} > {{ sql_text(var('after', '')) }}
order by {{ byte_order('cohort_key') }}
limit {{ var('page_size', 100) }}
