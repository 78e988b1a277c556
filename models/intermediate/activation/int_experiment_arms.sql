with measured as (

    {%- for metric, value, before in [
        ('revenue', 'revenue', 'revenue_before'),
        ('orders', 'orders', 'orders_before'),
        ('conversion', 'case when orders > 0 then 1 else 0 end', 'case when orders_before > 0 then 1 else 0 end')
    ] %}
        select
            store_id,
            experiment_id,
            arm,
            '{{ metric }}' as metric,
            cast({{ value }} as double precision) as measure,
            cast(spent_before as double precision) as spent_before,
            case when is_of_first_night then cast({{ before }} as double precision) end as planned
        from {{ ref('int_experiment_outcomes') }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

sums as (

    select
        store_id,
        experiment_id,
        arm,
        metric,
        count(*) as people,
        avg(measure) as mean,
        var_samp(measure) as variance,
        avg(spent_before) as covariate_mean,
        var_samp(spent_before) as covariate_variance,
        covar_samp(measure, spent_before) as covariance,
        count(planned) as first_people,
        var_samp(planned) as first_variance
    from measured
    group by store_id, experiment_id, arm, metric

),

-- an arm without people is one too
wanted as (

    select
        planned.store_id,
        planned.experiment_id,
        planned.arm,
        planned.arm_number,
        planned.arm_share,
        planned.minimum_lift,
        metrics.metric
    from {{ ref('int_experiment_plans') }} as planned
    cross join unnest(array['revenue', 'orders', 'conversion']) as metrics (metric)

)

select
    wanted.store_id,
    wanted.experiment_id,
    wanted.metric,
    wanted.arm,
    cast(wanted.arm_number as bigint) as arm_number,
    wanted.arm_share,
    wanted.minimum_lift,
    cast(coalesce(sums.people, 0) as bigint) as people,
    sums.mean,
    sums.variance,
    sums.covariate_mean,
    sums.covariate_variance,
    sums.covariance,
    cast(coalesce(sums.first_people, 0) as bigint) as first_people,
    sums.first_variance
from wanted
left join sums
    on
        wanted.store_id = sums.store_id
        and wanted.experiment_id = sums.experiment_id
        and wanted.metric = sums.metric
        and wanted.arm = sums.arm
