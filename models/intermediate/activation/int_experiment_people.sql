with assigned as (

    select
        assigned.store_id,
        persons.customer_id,
        assigned.experiment_id,
        assigned.arm,
        assigned.exposed_at,
        assigned.control_share,
        assigned.as_of as assigned_at,
        assigned.as_of = min(assigned.as_of) over (partition by assigned.store_id, assigned.experiment_id) as is_of_first_night,
        -- of people who turn out to be one the earliest counts
        row_number() over (
            partition by assigned.store_id, assigned.experiment_id, persons.customer_id
            order by assigned.as_of, {{ byte_order('assigned.customer_id') }}
        ) as assignment_rank
    from {{ ref('arms_assigned') }} as assigned
    inner join {{ ref('int_person_ids') }} as persons
        on assigned.store_id = persons.store_id and assigned.customer_id = persons.earlier_id
    where assigned.as_of <= {{ as_of() }}

)

select
    store_id,
    customer_id,
    experiment_id,
    arm,
    exposed_at,
    control_share,
    assigned_at,
    is_of_first_night
from assigned
where assignment_rank = 1
