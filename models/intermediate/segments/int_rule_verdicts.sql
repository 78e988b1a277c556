with met as (

    select
        store_id,
        customer_id,
        unnest(string_to_array(meets, ',')) as met
    from {{ ref('int_profile_matches') }}
    where meets <> ''

),

verdicts as (

    select
        met.store_id,
        met.customer_id,
        split_part(split_part(met.met, ':', 1), '_', 1) as kind,
        split_part(met.met, ':', 2) as group_id,
        case when met.met like 'cohort_exit:%' then 'exit' else 'entry' end as verdict
    from met

),

tonight as (

    select
        store_id,
        kind,
        group_id
    from {{ ref('group_calculations') }}
    where as_of = {{ as_of() }}

),

exits as (

    select
        store_id,
        kind,
        group_id,
        customer_id
    from verdicts
    where verdict = 'exit'

)

-- who meets the exit is not let in
select
    verdicts.store_id,
    verdicts.kind,
    verdicts.group_id,
    verdicts.customer_id,
    verdicts.verdict
from verdicts
inner join tonight
    on verdicts.store_id = tonight.store_id and verdicts.kind = tonight.kind and verdicts.group_id = tonight.group_id
left join exits
    on
        verdicts.store_id = exits.store_id
        and verdicts.kind = exits.kind
        and verdicts.group_id = exits.group_id
        and verdicts.customer_id = exits.customer_id
where verdicts.verdict = 'exit' or exits.customer_id is null
