{%- set numbers = [
    'difference', 'difference_low', 'difference_high', 'p_value', 'lift', 'lift_low', 'lift_high', 'always_low', 'always_high',
    'adjusted_difference', 'adjusted_low', 'adjusted_high', 'adjusted_p_value', 'adjusted_lift', 'adjusted_always_low',
    'adjusted_always_high', 'variance_reduction', 'detectable_lift', 'power'
] %}

with results as (

    select
        arms.store_id,
        arms.experiment_id,
        arms.metric,
        arms.arm,
        arms.arm_number,
        arms.arm_share,
        arms.people,
        arms.mean,
        planned.description,
        planned.metric = arms.metric as is_main_metric,
        planned.starts_on,
        planned.ends_on,
        coalesce(planned.ends_at <= {{ as_of() }}, false) as is_over,
        {%- for number in numbers %}
            found.{{ number }},
        {%- endfor %}
        found.sample_ratio_p,
        found.people_needed
    from {{ ref('int_experiment_arms') }} as arms
    inner join {{ ref('int_experiment_plans') }} as planned
        on arms.store_id = planned.store_id and arms.experiment_id = planned.experiment_id and arms.arm = planned.arm
    inner join {{ ref('experiment_statistics') }} as found
        on
            arms.store_id = found.store_id
            and arms.experiment_id = found.experiment_id
            and arms.metric = found.metric
            and arms.arm = found.arm

)

select
    cast(store_id as text) as store_id,
    cast(experiment_id as text) as experiment_id,
    cast(metric as text) as metric,
    cast(arm as text) as arm,
    arm_number = 1 as is_control,
    is_main_metric,
    cast(description as text) as description,
    starts_on,
    ends_on,
    is_over,
    cast(
        case
            when arm_number = 1 then 'control'
            when sample_ratio_p < 0.001 then 'not to be trusted: people are not divided as asked'
            when difference is null then 'too few people, or nothing happened'
            when adjusted_always_low > 0 then 'more, whenever one looks'
            when adjusted_always_high < 0 then 'less, whenever one looks'
            when is_over and adjusted_low > 0 then 'more, at the end'
            when is_over and adjusted_high < 0 then 'less, at the end'
            when is_over then 'no difference was found'
            else 'open'
        end as text
    ) as conclusion,
    cast({{ round_to('arm_share', 6) }} as double precision) as arm_share,
    people,
    cast(sample_ratio_p as double precision) as sample_ratio_p,
    cast({{ round_to('mean', 6) }} as double precision) as mean,
    {%- for number in numbers %}
        cast({{ number }} as double precision) as {{ number }},
    {%- endfor %}
    cast(people_needed as bigint) as people_needed
from results
