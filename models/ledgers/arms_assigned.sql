{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

-- depends_on: {{ ref('int_person_ids') }}
with earlier as (

    {{ said_before(is_incremental(), this, {'experiment_id': 'text'}) | indent(4) }}

),

running as (

    select
        stores.store_id,
        experiments.experiment_id,
        experiments.segment_id,
        experiments.arm,
        experiments.share_from,
        experiments.share_to,
        -- nobody can be treated by an arm before it is there; the first day has begun by then
        {{ as_of() }} as exposed_at
    from {{ ref('int_experiments') }} as experiments
    inner join {{ ref('stg_stores') }} as stores on experiments.store_id is null or experiments.store_id = stores.store_id
    where
        experiments.starts_on <= {{ last_begun_date('stores.timezone') }}
        and (experiments.ends_on is null or {{ last_begun_date('stores.timezone') }} <= experiments.ends_on)

),

drawn as (

    select
        running.store_id,
        running.experiment_id,
        ids.customer_id,
        running.arm,
        running.exposed_at,
        cast(null as double precision) as control_share
    from running
    inner join {{ ref('int_earliest_ids') }} as ids on running.store_id = ids.store_id
    inner join {{ ref('int_customers') }} as people
        on ids.store_id = people.store_id and ids.customer_id = people.customer_id and people.is_identified
    left join {{ ref('int_membership_spells') }} as members
        on
            running.store_id = members.store_id
            and members.kind = 'segment'
            and running.segment_id = members.group_id
            and ids.customer_id = members.customer_id
            and members.left_at is null
    where
        not coalesce(people.do_not_track, false)
        and (running.segment_id is null or members.customer_id is not null)
        and {{ hash_share(composed_key(['running.experiment_id', 'running.store_id', 'ids.earliest_id'])) }} >= running.share_from
        and {{ hash_share(composed_key(['running.experiment_id', 'running.store_id', 'ids.earliest_id'])) }} < running.share_to
    union all
    -- an action with a holdout is an experiment of those who could have been contacted
    select
        store_id,
        'action:' || action_id as experiment_id,
        customer_id,
        case when is_held_out then 'held_out' else 'treated' end as arm,
        as_of as exposed_at,
        holdout_share as control_share
    from {{ ref('actions_decided') }}
    where as_of = {{ as_of() }} and has_consent and holdout_share > 0

)

select
    drawn.store_id,
    drawn.experiment_id,
    drawn.customer_id,
    drawn.arm,
    drawn.exposed_at,
    drawn.control_share,
    {{ as_of() }} as as_of
from drawn
left join earlier
    on
        drawn.store_id = earlier.store_id
        and drawn.experiment_id = earlier.experiment_id
        and drawn.customer_id = earlier.customer_id
where earlier.customer_id is null
