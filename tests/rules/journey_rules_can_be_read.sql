-- If this fails, a row of seeds/journeys/journey_rules.csv would lead nobody anywhere, or to two places: `reason` says why.
with rule_texts as (

    select
        *,
        {{ clean_text('value') }} as number_text
    from {{ ref('journey_rules') }}

),

rules as (

    select
        *,
        {{ try_integer('number_text') }} as whole_number
    from rule_texts

),

ranks as (

    select
        stage,
        min(stage_rank) as lowest_rank,
        max(stage_rank) as highest_rank
    from rules
    group by stage

)

select
    rule_id,
    'criterion is not one of the five' as reason
from rules
where criterion is null or criterion not in ('first_seen', 'event', 'order_number', 'days_after_order', 'event_after_order')
union all
select
    rule_id,
    'first_seen takes no value' as reason
from rules
where criterion = 'first_seen' and value is not null
union all
select
    rule_id,
    'value is no whole number from 1' as reason
from rules
where criterion in ('order_number', 'days_after_order') and (whole_number is null or whole_number < 1)
union all
select
    rule_id,
    'value is no event type of the seed event_types' as reason
from rules
where
    criterion in ('event', 'event_after_order')
    and (value is null or value not in (select known.event_type from {{ ref('stg_event_types') }} as known))
union all
select
    rules.rule_id,
    'its stage has another rank in another rule' as reason
from rules
inner join ranks on rules.stage = ranks.stage
where ranks.lowest_rank <> ranks.highest_rank
union all
select
    rules.rule_id,
    'its rank is that of another stage too' as reason
from rules
inner join rules as twins on rules.stage_rank = twins.stage_rank and rules.stage <> twins.stage
union all
select
    rules.rule_id,
    'another rule of its stage says the same' as reason
from rules
inner join rules as twins
    on
        rules.stage = twins.stage
        and rules.criterion = twins.criterion
        and coalesce(rules.value, '') = coalesce(twins.value, '')
        and rules.rule_id <> twins.rule_id
union all
select
    rules.rule_id,
    'another rule about its type has another min_rating' as reason
from rules
inner join rules as twins on rules.value = twins.value and rules.min_rating is distinct from twins.min_rating
where rules.criterion in ('event', 'event_after_order') and twins.criterion in ('event', 'event_after_order')
union all
select
    rule_id,
    'only events have a min_rating' as reason
from rules
where criterion not in ('event', 'event_after_order') and min_rating is not null
