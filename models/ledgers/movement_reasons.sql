with movements as (

    select * from {{ ref('membership_changes') }}
    where as_of = {{ as_of() }} and reason = 'criteria' and not is_reset

),

previous_calculations as (

    select
        store_id,
        kind,
        group_id,
        max(as_of) as as_of
    from {{ ref('group_calculations') }}
    where as_of < {{ as_of() }} and definition_hash <> 'inactive'
    group by store_id, kind, group_id

),

-- what each of them met, and until when
states as (

    select
        history.store_id,
        history.customer_id,
        history.rules_met,
        history.as_of,
        lead(history.as_of) over (partition by history.store_id, history.customer_id order by history.as_of) as valid_until
    from {{ ref('rules_met_history') }} as history
    where (history.store_id, history.customer_id) in (
        select
            movements.store_id,
            movements.customer_id
        from movements
    )

),

-- the rules of the group that hold now and did not when it was last looked at, or the other way round
changed_rules as (

    select
        movements.store_id,
        movements.kind,
        movements.group_id,
        movements.customer_id,
        rules.rule_id,
        coalesce(rules.field, rules.event_type) as field,
        row_number() over (
            partition by
                movements.store_id, movements.kind, movements.group_id, movements.customer_id,
                coalesce(rules.field, rules.event_type)
            order by {{ byte_order('rules.rule_id') }}
        ) as field_rank
    from movements
    inner join previous_calculations as previous
        on
            movements.store_id = previous.store_id
            and movements.kind = previous.kind
            and movements.group_id = previous.group_id
    inner join states as earlier
        on
            movements.store_id = earlier.store_id
            and movements.customer_id = earlier.customer_id
            and previous.as_of >= earlier.as_of
            and (earlier.valid_until is null or previous.as_of < earlier.valid_until)
    inner join {{ ref('int_rule_results') }} as matches
        on movements.store_id = matches.store_id and movements.customer_id = matches.customer_id
    inner join {{ ref('int_valid_rules') }} as rules
        on movements.kind = split_part(rules.rule_kind, '_', 1) and movements.group_id = rules.owner_id
    where
        (position(',' || rules.rule_id || ',' in ',' || earlier.rules_met || ',') > 0)
        <> (position(',' || rules.rule_id || ',' in ',' || matches.rules_met || ',') > 0)

)

select
    store_id,
    kind,
    group_id,
    customer_id,
    string_agg(rule_id, ',' order by {{ byte_order('rule_id') }}) as moved_rules,
    string_agg(case when field_rank = 1 then field end, ',' order by {{ byte_order('field') }}) as moved_fields,
    {{ as_of() }} as as_of
from changed_rules
group by store_id, kind, group_id, customer_id
