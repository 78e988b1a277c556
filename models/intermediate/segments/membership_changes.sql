{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'replaces': 'as_of = {{ as_of() }}', 'is_ledger': true},
    post_hook="{{ ensure_index(['store_id', 'kind', 'group_id', 'customer_id']) }}"
) }}

-- depends_on: {{ ref('rules_met_history') }}, {{ ref('int_valid_rules') }}
{%- set key = ['store_id', 'kind', 'group_id', 'customer_id'] %}

with last_words as (

    {%- if is_incremental() %}
        {{ last_of_ledger(this, key, ['is_member', 'reason', 'score', 'source', 'expires_at'], 'as_of < ' ~ as_of()) }}
    {%- else %}
        select
            cast(null as text) as store_id,
            cast(null as text) as kind,
            cast(null as text) as group_id,
            cast(null as text) as customer_id,
            cast(null as boolean) as is_member,
            cast(null as text) as reason,
            cast(null as double precision) as score,
            cast(null as text) as source,
            cast(null as timestamp) as expires_at
        where false
    {%- endif %}

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
        min(expires_at) as expires_at
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

met as (

    select
        store_id,
        customer_id,
        split_part(met, ':', 1) as rule_kind,
        split_part(split_part(met, ':', 1), '_', 1) as kind,
        split_part(met, ':', 2) as group_id
    from (
        select
            store_id,
            customer_id,
            unnest(string_to_array(meets, ',')) as met
        from {{ ref('int_profile_matches') }}
        where meets <> ''
    ) as matches

),

-- whom rules want: who meets them tonight, members of segments that are not due, and of cohorts that they have not left
entering as (

    select
        met.store_id,
        tonight.kind,
        met.group_id,
        met.customer_id
    from met
    inner join tonight
        on met.store_id = tonight.store_id and met.group_id = tonight.group_id and met.kind = tonight.kind
    where met.rule_kind in ('segment', 'cohort_entry')

),

staying as (

    select
        followed.store_id,
        followed.kind,
        followed.group_id,
        followed.person_id as customer_id
    from followed
    inner join {{ ref('int_groups') }} as definitions
        on followed.kind = definitions.kind and followed.group_id = definitions.group_id
    left join tonight
        on followed.store_id = tonight.store_id and followed.kind = tonight.kind and followed.group_id = tonight.group_id
    left join met as leaving
        on
            followed.store_id = leaving.store_id
            and followed.person_id = leaving.customer_id
            and followed.group_id = leaving.group_id
            and followed.kind = 'cohort'
            and leaving.rule_kind = 'cohort_exit'
    where
        followed.is_member
        and followed.source = 'automatic'
        and followed.person_id is not null
        and (tonight.group_id is null or followed.kind = 'cohort')
        and leaving.customer_id is null
        and (definitions.only_store_id is null or definitions.only_store_id = followed.store_id)

),

automatic as (

    select * from entering
    union
    select * from staying

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
            imports.group_id = definitions.group_id
            and definitions.kind = 'segment'
            and coalesce(definitions.only_store_id, imports.store_id) = imports.store_id

),

-- a list that somebody keeps counts before a rule
wanted as (

    select * from imported
    union all
    select
        automatic.*,
        cast(1 as double precision) as score,
        'automatic' as source,
        cast(null as timestamp) as expires_at
    from automatic
    left join imported
        on
            automatic.store_id = imported.store_id
            and automatic.kind = imported.kind
            and automatic.group_id = imported.group_id
            and automatic.customer_id = imported.customer_id
    where imported.customer_id is null

),

compared as (

    select
        wanted.score,
        wanted.source,
        wanted.expires_at,
        followed.person_id,
        followed.score as earlier_score,
        followed.source as earlier_source,
        followed.expires_at as earlier_expires_at,
        coalesce(wanted.store_id, followed.store_id) as store_id,
        coalesce(wanted.kind, followed.kind) as kind,
        coalesce(wanted.group_id, followed.group_id) as group_id,
        coalesce(wanted.customer_id, followed.customer_id) as customer_id,
        wanted.customer_id is not null as is_wanted,
        coalesce(followed.is_member, false) as was_member,
        -- its time ran out, and rules have wanted it ever since
        followed.customer_id is not null and not followed.is_member as is_blocked
    from wanted
    full outer join followed
        on
            wanted.store_id = followed.store_id
            and wanted.kind = followed.kind
            and wanted.group_id = followed.group_id
            and wanted.customer_id = followed.customer_id

),

judged as (

    select
        compared.*,
        definitions.expires_after_days,
        carried.expires_at as carried_expires_at,
        carried.customer_id is not null as is_carried,
        case
            -- wanted no longer: left, or free to join again where the time was over
            when not compared.is_wanted and not compared.was_member then case when tonight.group_id is not null then 'criteria' end
            when not compared.is_wanted and compared.person_id is null then 'gone'
            when not compared.is_wanted and compared.person_id <> compared.customer_id then 'merged'
            when not compared.is_wanted and definitions.group_id is null then 'inactive'
            when not compared.is_wanted and compared.earlier_source = 'automatic' then 'criteria'
            when not compared.is_wanted and compared.earlier_expires_at <= {{ as_of() }} then 'expired'
            when not compared.is_wanted then 'removed'
            -- wanted
            when compared.is_blocked and compared.source = 'automatic' then null
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
    left join tonight
        on compared.store_id = tonight.store_id and compared.kind = tonight.kind and compared.group_id = tonight.group_id
    left join carried
        on
            compared.store_id = carried.store_id
            and compared.kind = carried.kind
            and compared.group_id = carried.group_id
            and compared.customer_id = carried.customer_id

),

changes as (

    select
        store_id,
        kind,
        group_id,
        customer_id,
        was_member,
        reason,
        is_wanted and reason <> 'expired' as is_member,
        not is_wanted and not was_member as is_reset,
        coalesce(score, earlier_score) as score,
        coalesce(source, earlier_source) as source,
        case
            when not is_wanted or reason = 'expired' then earlier_expires_at
            when source <> 'automatic' then expires_at
            when is_carried and carried_expires_at is not null then carried_expires_at
            else {{ as_of() }} + expires_after_days * interval '1 day'
        end as expires_at
    from judged
    where reason is not null

),

-- why: the rules of the group that hold now and did not when it was last looked at, or the other way round
{%- if is_incremental() %}

    previous_calculations as (

        select
            store_id,
            kind,
            group_id,
            max(as_of) as as_of
        from {{ ref('group_calculations') }}
        where as_of < {{ as_of() }}
        group by store_id, kind, group_id

    ),

    states as (

        select
            history.*,
            lead(history.as_of) over (partition by history.store_id, history.customer_id order by history.as_of) as until
        from {{ ref('rules_met_history') }} as history
        where (history.store_id, history.customer_id) in (
            select
                changes.store_id,
                changes.customer_id
            from changes
        )

    ),

    flipped as (

        select
            changes.store_id,
            changes.kind,
            changes.group_id,
            changes.customer_id,
            rules.rule_id,
            coalesce(rules.field, rules.event_type) as field,
            row_number() over (
                partition by
                    changes.store_id, changes.kind, changes.group_id, changes.customer_id, coalesce(rules.field, rules.event_type)
                order by {{ byte_order('rules.rule_id') }}
            ) as place
        from changes
        inner join previous_calculations as previous
            on changes.store_id = previous.store_id and changes.kind = previous.kind and changes.group_id = previous.group_id
        inner join states as earlier
            on
                changes.store_id = earlier.store_id
                and changes.customer_id = earlier.customer_id
                and previous.as_of >= earlier.as_of
                and (earlier.until is null or previous.as_of < earlier.until)
        inner join {{ ref('int_profile_matches') }} as matches
            on changes.store_id = matches.store_id and changes.customer_id = matches.customer_id
        inner join {{ ref('int_valid_rules') }} as rules
            on changes.group_id = rules.owner_id and split_part(rules.rule_kind, '_', 1) = changes.kind
        where
            changes.reason = 'criteria'
            and changes.is_member <> changes.was_member
            and (position(',' || rules.rule_id || ',' in ',' || earlier.rules_met || ',') > 0)
            <> (position(',' || rules.rule_id || ',' in ',' || matches.rules_met || ',') > 0)

    ),

    moved as (

        select
            store_id,
            kind,
            group_id,
            customer_id,
            string_agg(rule_id, ',' order by {{ byte_order('rule_id') }}) as moved_rules,
            string_agg(case when place = 1 then field end, ',' order by {{ byte_order('field') }}) as moved_fields
        from flipped
        group by store_id, kind, group_id, customer_id

    )
{%- else %}

    moved as (

        select
            cast(null as text) as store_id,
            cast(null as text) as kind,
            cast(null as text) as group_id,
            cast(null as text) as customer_id,
            cast(null as text) as moved_rules,
            cast(null as text) as moved_fields
        where false

    )
{%- endif %}

select
    changes.store_id,
    changes.kind,
    changes.group_id,
    changes.customer_id,
    changes.is_member,
    changes.is_reset,
    changes.reason,
    changes.score,
    changes.source,
    changes.expires_at,
    moved.moved_rules,
    moved.moved_fields,
    {{ as_of() }} as as_of
from changes
left join moved
    on
        changes.store_id = moved.store_id
        and changes.kind = moved.kind
        and changes.group_id = moved.group_id
        and changes.customer_id = moved.customer_id
