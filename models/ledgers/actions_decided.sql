{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

-- depends_on: {{ ref('int_person_ids') }}
-- what a website shows stands until something else is decided
{%- set stands = "candidates.channel = 'website' and coalesce(last_same.decided_at = last_any.decided_at, false)" %}
{%- set is_cool -%}
    coalesce(
        case when candidates.has_consent then last_same.contacted_at else last_same.decided_at end
        <= {{ as_of() }} - candidates.cooldown_days * interval '1 day', true
    )
{%- endset %}
{%- set is_rested -%}
    coalesce(
        case when candidates.has_consent then last_any.contacted_at else last_any.decided_at end
        <= {{ as_of() }} - candidates.quiet_days * interval '1 day', true
    )
{%- endset %}

with earlier as (

    {{ said_before(is_incremental(), this, {
        'action_id': 'text', 'channel': 'text', 'has_consent': 'boolean', 'holdout_share': 'double precision', 'is_held_out': 'boolean'
    }) | indent(4) }}

),

-- whoever was drawn once stays as drawn; of people who turn out to be one the earlier draw counts
arms as (

    select
        store_id,
        customer_id,
        action_id,
        is_held_out
    from (
        select
            *,
            row_number() over (
                partition by store_id, customer_id, action_id
                order by as_of, {{ byte_order('earlier_id') }}
            ) as decision_rank
        from earlier
        where holdout_share > 0
    ) as ranked
    where decision_rank = 1

),

last_of_action as (

    select
        store_id,
        customer_id,
        action_id,
        max(as_of) as decided_at,
        max(case when has_consent then as_of end) as contacted_at
    from earlier
    group by store_id, customer_id, action_id

),

last_of_channel as (

    select
        store_id,
        customer_id,
        channel,
        max(as_of) as decided_at,
        max(case when has_consent then as_of end) as contacted_at
    from earlier
    group by store_id, customer_id, channel

),

-- who may be contacted by now does not wait for what was decided while they could not be
allowed as (

    select
        candidates.*,
        not ({{ stands }}) or ({{ is_cool }} and {{ is_rested }}) as is_due,
        row_number() over (
            partition by candidates.store_id, candidates.customer_id, candidates.channel
            order by candidates.priority, {{ byte_order('candidates.action_id') }}
        ) as choice
    from {{ ref('int_action_candidates') }} as candidates
    left join last_of_action as last_same
        on
            candidates.store_id = last_same.store_id
            and candidates.customer_id = last_same.customer_id
            and candidates.action_id = last_same.action_id
    left join last_of_channel as last_any
        on
            candidates.store_id = last_any.store_id
            and candidates.customer_id = last_any.customer_id
            and candidates.channel = last_any.channel
    where
        candidates.channel <> 'ticket'
        and not candidates.is_quiet
        and (candidates.channel = 'website' or {{ is_cool }})
        and (({{ stands }}) or {{ is_rested }})

)

select
    allowed.store_id,
    allowed.customer_id,
    allowed.action_id,
    allowed.channel,
    allowed.has_consent,
    allowed.holdout_share,
    allowed.holdout_share > 0 and coalesce(
        arms.is_held_out,
        {{ hash_share(composed_key(['allowed.action_id', 'allowed.store_id', 'ids.earliest_id'])) }} < allowed.holdout_share
    ) as is_held_out,
    {{ as_of() }} as as_of
from allowed
inner join {{ ref('int_earliest_ids') }} as ids on allowed.store_id = ids.store_id and allowed.customer_id = ids.customer_id
left join arms
    on allowed.store_id = arms.store_id and allowed.customer_id = arms.customer_id and allowed.action_id = arms.action_id
where allowed.choice = 1 and allowed.is_due
