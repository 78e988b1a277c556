-- If this fails, somebody who was held out of an action when it was first decided for them is not in its control, or arms are so uneven
-- that chance would not have drawn them in a million experiments: what is measured is then not what was done.
with decided as (

    select
        decided.store_id,
        'action:' || decided.action_id as experiment_id,
        persons.customer_id,
        decided.is_held_out,
        row_number() over (
            partition by decided.store_id, decided.action_id, persons.customer_id
            order by decided.as_of, {{ byte_order('decided.customer_id') }}
        ) as decision_rank
    from {{ ref('actions_decided') }} as decided
    inner join {{ ref('int_person_ids') }} as persons
        on decided.store_id = persons.store_id and decided.customer_id = persons.earlier_id
    where decided.has_consent and decided.holdout_share > 0

)

select
    assigned.store_id,
    assigned.experiment_id,
    assigned.customer_id,
    assigned.arm
from {{ ref('experiment_assignments') }} as assigned
inner join decided
    on
        assigned.store_id = decided.store_id
        and assigned.experiment_id = decided.experiment_id
        and assigned.customer_id = decided.customer_id
        and decided.decision_rank = 1
where (assigned.arm = 'held_out') <> decided.is_held_out
union all
select
    store_id,
    experiment_id,
    cast(null as text) as customer_id,
    arm
from {{ ref('experiment_results') }}
where sample_ratio_p < 0.000001 and people >= 100
