with earlier as (

    {{ previous_state(is_incremental(), this, ['store_id', 'kind', 'group_id'], {
        'definition_hash': 'text', 'as_of': 'timestamp'
    }) | indent(4) }}

)

-- what is no longer in use was last looked at tonight, so that it is due at once when it is in use again
select
    earlier.store_id,
    earlier.kind,
    earlier.group_id,
    'inactive' as definition_hash,
    {{ as_of() }} as as_of
from earlier
left join {{ ref('int_groups') }} as definitions on earlier.kind = definitions.kind and earlier.group_id = definitions.group_id
where definitions.group_id is null and earlier.definition_hash <> 'inactive'
union all
select
    stores.store_id,
    definitions.kind,
    definitions.group_id,
    definitions.definition_hash,
    {{ as_of() }} as as_of
from {{ ref('int_groups') }} as definitions
inner join {{ ref('stg_stores') }} as stores on definitions.only_store_id is null or definitions.only_store_id = stores.store_id
left join earlier
    on
        stores.store_id = earlier.store_id
        and definitions.kind = earlier.kind
        and definitions.group_id = earlier.group_id
where
    earlier.as_of is null
    or earlier.definition_hash <> definitions.definition_hash
    or (definitions.auto_refresh and earlier.as_of + definitions.refresh_hours * interval '1 hour' <= {{ as_of() }})
    or definitions.group_id in {{ sql_list(var('refresh_segments')) }}
