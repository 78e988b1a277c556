{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'replaces': 'night', 'is_ledger': true},
    post_hook="{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}"
) }}

{%- set key = ['store_id', 'kind', 'group_id', 'customer_id'] %}

with last_words as (

    {{ said_before(is_incremental(), this, key, {
        'is_member': 'boolean', 'reason': 'text', 'score': 'double precision', 'source': 'text', 'expires_at': 'timestamp'
    }) | indent(4) }}

),

-- everybody who was a member last night, or whose time as one ran out, and who that is by now
followed as (

    select
        last_words.*,
        persons.customer_id as person_id
    from last_words
    left join {{ ref('int_person_ids') }} as persons
        on last_words.store_id = persons.store_id and last_words.customer_id = persons.earlier_id
    where last_words.is_member or (last_words.reason = 'expired' and last_words.source = 'automatic')

),

carried as (

    select
        store_id,
        kind,
        group_id,
        person_id as customer_id,
        bool_or(source = 'automatic') as by_rules,
        min(case when source = 'automatic' then expires_at end) as expires_at
    from followed
    where is_member and person_id <> customer_id
    group by store_id, kind, group_id, person_id

),

tonight as (

    select
        store_id,
        kind,
        group_id
    from {{ ref('group_calculations') }}
    where as_of = {{ as_of() }}

),

-- members of segments that are not due, and of cohorts that they have not left; who was merged may have been one twice
staying as (

    select distinct
        followed.store_id,
        followed.kind,
        followed.group_id,
        followed.person_id as customer_id
    from followed
    inner join {{ ref('int_groups') }} as definitions
        on followed.kind = definitions.kind and followed.group_id = definitions.group_id
    left join tonight
        on followed.store_id = tonight.store_id and followed.kind = tonight.kind and followed.group_id = tonight.group_id
    left join {{ ref('int_rule_verdicts') }} as verdicts
        on
            followed.store_id = verdicts.store_id
            and followed.kind = verdicts.kind
            and followed.group_id = verdicts.group_id
            and followed.person_id = verdicts.customer_id
    where
        followed.is_member
        and followed.source = 'automatic'
        and followed.person_id is not null
        and (tonight.group_id is null or followed.kind = 'cohort')
        and verdicts.customer_id is null
        and (definitions.only_store_id is null or definitions.only_store_id = followed.store_id)

),

imported as (

    select
        imports.store_id,
        'segment' as kind,
        imports.group_id,
        imports.customer_id,
        imports.score,
        imports.source,
        imports.expires_at
    from {{ ref('int_segment_imports') }} as imports
    inner join {{ ref('int_groups') }} as definitions
        on
            definitions.kind = 'segment'
            and imports.group_id = definitions.group_id
            and (definitions.only_store_id is null or imports.store_id = definitions.only_store_id)

),

-- a list that somebody keeps counts before a rule
wanted as (

    select * from imported
    union all
    select
        by_rules.store_id,
        by_rules.kind,
        by_rules.group_id,
        by_rules.customer_id,
        cast(1 as double precision) as score,
        'automatic' as source,
        cast(null as timestamp) as expires_at
    from (
        select
            store_id,
            kind,
            group_id,
            customer_id
        from {{ ref('int_rule_verdicts') }}
        where verdict = 'entry'
        union all
        select * from staying
    ) as by_rules
    left join imported
        on
            by_rules.store_id = imported.store_id
            and by_rules.kind = imported.kind
            and by_rules.group_id = imported.group_id
            and by_rules.customer_id = imported.customer_id
    where imported.customer_id is null

),

-- whose time ran out under this id or an earlier one, and whom rules have wanted ever since
waiting as (

    select distinct
        store_id,
        kind,
        group_id,
        person_id as customer_id
    from followed
    where not is_member

),

members as (

    select * from followed
    where is_member

),

compared as (

    select
        wanted.score,
        wanted.source,
        wanted.expires_at,
        members.person_id,
        members.score as earlier_score,
        members.source as earlier_source,
        members.expires_at as earlier_expires_at,
        coalesce(wanted.store_id, members.store_id) as store_id,
        coalesce(wanted.kind, members.kind) as kind,
        coalesce(wanted.group_id, members.group_id) as group_id,
        coalesce(wanted.customer_id, members.customer_id) as customer_id,
        wanted.customer_id is not null as is_wanted,
        members.customer_id is not null as was_member
    from wanted
    full outer join members
        on
            wanted.store_id = members.store_id
            and wanted.kind = members.kind
            and wanted.group_id = members.group_id
            and wanted.customer_id = members.customer_id
    -- most of those who are wanted are members already, and nothing about it has changed
    where
        wanted.customer_id is null
        or members.customer_id is null
        or members.expires_at <= {{ as_of() }}
        or wanted.source <> members.source
        or wanted.score <> members.score
        or (wanted.source <> 'automatic' and wanted.expires_at is distinct from members.expires_at)

),

judged as (

    select
        compared.*,
        definitions.expires_after_days,
        carried.customer_id is not null as is_carried,
        carried.expires_at as carried_expires_at,
        case
            when not compared.is_wanted and compared.person_id is null then 'gone'
            when not compared.is_wanted and compared.person_id <> compared.customer_id then 'merged'
            when not compared.is_wanted and definitions.group_id is null then 'inactive'
            when not compared.is_wanted and compared.earlier_source = 'automatic' then 'criteria'
            when not compared.is_wanted and compared.earlier_expires_at <= {{ as_of() }} then 'expired'
            when not compared.is_wanted then 'removed'
            -- a membership that comes with another id goes on; none begins while the last one's end is not over
            when
                not compared.was_member and compared.source = 'automatic' and waiting.customer_id is not null
                and not coalesce(carried.by_rules, false)
                then null
            when not compared.was_member and carried.customer_id is not null then 'merged'
            when not compared.was_member and compared.source = 'automatic' then 'criteria'
            when not compared.was_member then 'added'
            when
                compared.source = 'automatic' and compared.earlier_source = 'automatic'
                and compared.earlier_expires_at <= {{ as_of() }}
                then 'expired'
            when
                compared.source <> compared.earlier_source
                or compared.score <> compared.earlier_score
                or (compared.source <> 'automatic' and compared.expires_at is distinct from compared.earlier_expires_at)
                then 'changed'
        end as reason
    from compared
    left join {{ ref('int_groups') }} as definitions
        on compared.kind = definitions.kind and compared.group_id = definitions.group_id
    left join waiting
        on
            compared.store_id = waiting.store_id
            and compared.kind = waiting.kind
            and compared.group_id = waiting.group_id
            and compared.customer_id = waiting.customer_id
    left join carried
        on
            compared.store_id = carried.store_id
            and compared.kind = carried.kind
            and compared.group_id = carried.group_id
            and compared.customer_id = carried.customer_id

),

-- wanted no longer, so free to join again
reset as (

    select followed.*
    from followed
    inner join tonight
        on followed.store_id = tonight.store_id and followed.kind = tonight.kind and followed.group_id = tonight.group_id
    left join {{ ref('int_rule_verdicts') }} as verdicts
        on
            followed.store_id = verdicts.store_id
            and followed.kind = verdicts.kind
            and followed.group_id = verdicts.group_id
            and followed.person_id = verdicts.customer_id
            and verdicts.verdict = 'entry'
    left join staying
        on
            followed.store_id = staying.store_id
            and followed.kind = staying.kind
            and followed.group_id = staying.group_id
            and followed.person_id = staying.customer_id
    left join imported
        on
            followed.store_id = imported.store_id
            and followed.kind = imported.kind
            and followed.group_id = imported.group_id
            and followed.person_id = imported.customer_id
    where
        not followed.is_member
        and verdicts.customer_id is null
        and staying.customer_id is null
        and imported.customer_id is null

)

select
    store_id,
    kind,
    group_id,
    customer_id,
    reason,
    is_wanted and reason <> 'expired' as is_member,
    false as is_reset,
    coalesce(score, earlier_score) as score,
    coalesce(source, earlier_source) as source,
    case
        when not is_wanted or reason = 'expired' then earlier_expires_at
        when source <> 'automatic' then expires_at
        when is_carried and carried_expires_at is not null then carried_expires_at
        else {{ as_of() }} + expires_after_days * interval '1 day'
    end as expires_at,
    {{ as_of() }} as as_of
from judged
where reason is not null
union all
select
    store_id,
    kind,
    group_id,
    customer_id,
    'criteria' as reason,
    false as is_member,
    true as is_reset,
    score,
    source,
    expires_at,
    {{ as_of() }} as as_of
from reset
