{{ config(materialized='view') }}

with arms as (

    select
        experiments.experiment_id,
        experiments.store_id,
        experiments.description,
        experiments.metric,
        experiments.segment_id,
        cast({{ try_timestamp('experiments.starts_on') }} as date) as starts_on,
        cast({{ try_timestamp('experiments.ends_on') }} as date) as ends_on,
        cast(coalesce({{ try_number('experiments.minimum_lift', 'numeric(18, 6)') }}, 0.05) as double precision) as minimum_lift,
        numbers.arm_number,
        split_part(experiments.arms, '|', numbers.arm_number) as arm,
        cast(
            {{ try_number("nullif(split_part(experiments.shares, '|', numbers.arm_number), '')", 'numeric(18, 6)') }} as double precision
        ) as arm_share
    from {{ ref('experiments') }} as experiments
    cross join unnest(array[1, 2, 3, 4, 5, 6, 7, 8]) as numbers (arm_number)

)

select
    *,
    sum(arm_share) over (partition by experiment_id order by arm_number) - arm_share as share_from,
    sum(arm_share) over (partition by experiment_id order by arm_number) as share_to
from arms
where
    arm <> ''
    and experiment_id not in (
        select errors.experiment_id from {{ ref('int_experiment_errors') }} as errors
        where errors.experiment_id is not null
    )
