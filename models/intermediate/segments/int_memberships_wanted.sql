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

),

met as (

    select
        store_id,
        customer_id,
        unnest(string_to_array(meets, ',')) as met
    from {{ ref('int_rule_results') }}
    where meets <> ''

),

matches as (

    select
        store_id,
        customer_id,
        split_part(split_part(met, ':', 1), '_', 1) as kind,
        split_part(met, ':', 2) as group_id,
        met like 'cohort_exit:%' as is_exit
    from met

),

exits as (

    select * from matches
    where is_exit

)

select
    listed.*,
    true as is_wanted
from listed
union all
-- a list that somebody keeps counts before a rule, and who meets the exit of a cohort is not let in
select
    matches.store_id,
    matches.kind,
    matches.group_id,
    matches.customer_id,
    cast(1 as double precision) as score,
    'automatic' as source,
    {{ as_of() }} + definitions.expires_after_days * interval '1 day' as expires_at,
    not matches.is_exit as is_wanted
from matches
inner join {{ ref('group_calculations') }} as due
    on matches.store_id = due.store_id and matches.kind = due.kind and matches.group_id = due.group_id and due.as_of = {{ as_of() }}
left join {{ ref('int_groups') }} as definitions on matches.kind = definitions.kind and matches.group_id = definitions.group_id
left join listed
    on
        matches.store_id = listed.store_id
        and matches.kind = listed.kind
        and matches.group_id = listed.group_id
        and matches.customer_id = listed.customer_id
left join exits
    on
        matches.store_id = exits.store_id
        and matches.kind = exits.kind
        and matches.group_id = exits.group_id
        and matches.customer_id = exits.customer_id
where listed.customer_id is null and (matches.is_exit or exits.customer_id is null)
