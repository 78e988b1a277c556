with listed as (

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

)

select
    listed.*,
    true as is_wanted
from listed
union all
-- a list that somebody keeps counts before a rule
select
    verdicts.store_id,
    verdicts.kind,
    verdicts.group_id,
    verdicts.customer_id,
    cast(1 as double precision) as score,
    'automatic' as source,
    {{ as_of() }} + definitions.expires_after_days * interval '1 day' as expires_at,
    verdicts.verdict = 'entry' as is_wanted
from {{ ref('int_rule_verdicts') }} as verdicts
left join {{ ref('int_groups') }} as definitions
    on verdicts.kind = definitions.kind and verdicts.group_id = definitions.group_id
left join listed
    on
        verdicts.store_id = listed.store_id
        and verdicts.kind = listed.kind
        and verdicts.group_id = listed.group_id
        and verdicts.customer_id = listed.customer_id
where listed.customer_id is null
