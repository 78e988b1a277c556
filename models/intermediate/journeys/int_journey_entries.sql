with rule_texts as (

    select
        rule_id,
        stage,
        stage_rank,
        criterion,
        value,
        {{ clean_text('value') }} as number_text
    from {{ ref('journey_rules') }}

),

rules as (

    select
        rule_id,
        stage,
        stage_rank,
        criterion,
        value,
        {{ try_integer('number_text') }} as whole_number
    from rule_texts

),

people as (

    select
        store_id,
        customer_id,
        first_seen_at
    from {{ ref('int_behavior_summary') }}
    where first_seen_at is not null

),

events as (

    select * from {{ ref('int_journey_events') }}

),

orders as (

    select
        store_id,
        customer_id,
        order_sequence,
        ordered_at,
        lead(ordered_at) over (partition by store_id, customer_id order by order_sequence) as next_ordered_at
    from {{ ref('int_orders') }}
    where is_counted and customer_id is not null

),

pauses as (

    -- known for good once the days are over, so that no later order takes it back
    select
        orders.store_id,
        orders.customer_id,
        rules.rule_id,
        orders.next_ordered_at,
        orders.ordered_at + rules.whole_number * interval '1 day' as paused_at
    from orders
    inner join rules on rules.criterion = 'days_after_order'

),

met as (

    select
        people.store_id,
        people.customer_id,
        rules.rule_id,
        people.first_seen_at as met_at
    from people
    inner join rules on rules.criterion = 'first_seen'
    union all
    select
        events.store_id,
        events.customer_id,
        rules.rule_id,
        case when rules.criterion = 'event' then events.first_at else events.first_after_order_at end as met_at
    from events
    inner join rules on rules.criterion in ('event', 'event_after_order') and events.event_type = rules.value
    union all
    select
        orders.store_id,
        orders.customer_id,
        rules.rule_id,
        orders.ordered_at as met_at
    from orders
    inner join rules on rules.criterion = 'order_number' and orders.order_sequence = rules.whole_number
    union all
    select
        store_id,
        customer_id,
        rule_id,
        min(paused_at) as met_at
    from pauses
    where next_ordered_at is null or next_ordered_at > paused_at
    group by store_id, customer_id, rule_id

)

select
    met.store_id,
    met.customer_id,
    met.rule_id,
    rules.stage,
    rules.stage_rank,
    rules.criterion,
    met.met_at
from met
inner join rules on met.rule_id = rules.rule_id
where met.met_at < {{ as_of() }}
