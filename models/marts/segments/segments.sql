with definitions as (

    select
        segments.*,
        stores.store_id as in_store_id
    from {{ ref('int_segments') }} as segments
    inner join {{ ref('stg_stores') }} as stores on segments.store_id is null or segments.store_id = stores.store_id

),

members as (

    select
        memberships.store_id,
        memberships.kind,
        memberships.group_id as segment_id,
        count(*) as member_count,
        {{ money(ratio('sum(profiles.total_revenue)', 'count(profiles.total_revenue)')) }} as average_value
    from {{ ref('int_membership_spells') }} as memberships
    inner join {{ ref('int_profile_facts') }} as profiles
        on memberships.store_id = profiles.store_id and memberships.customer_id = profiles.customer_id
    where memberships.kind in ('segment', 'axis', 'cluster') and memberships.left_at is null
    group by memberships.store_id, memberships.kind, memberships.group_id

),

calculations as (

    select
        store_id,
        group_id as segment_id,
        min(as_of) as first_calculated_at,
        max(as_of) as last_calculated_at
    from {{ ref('group_calculations') }}
    where kind = 'segment' and as_of <= {{ as_of() }} and definition_hash is distinct from 'inactive'
    group by store_id, group_id

),

-- segments that a model found
found as (

    select
        store_id,
        segment_id,
        segment_name as name,
        coalesce(segment_key, segment_id) as slug,
        segment_interpretation as description,
        'axis' as kind,
        'axis' as segment_type,
        axis_name as model_id,
        is_current,
        first_fitted_at,
        last_fitted_at
    from {{ ref('int_axis_segment_names') }}
    union all
    select
        store_id,
        segment_id,
        segment_name as name,
        segment_id as slug,
        description,
        'cluster' as kind,
        'ml_based' as segment_type,
        axis_name as model_id,
        is_current,
        first_fitted_at,
        last_fitted_at
    from {{ ref('int_cluster_segments') }}

)

select
    cast(definitions.in_store_id as text) as store_id,
    cast(definitions.segment_id as text) as segment_id,
    cast(definitions.name as text) as name,
    cast(definitions.segment_id as text) as slug,
    cast(definitions.description as text) as description,
    cast(definitions.segment_type as text) as segment_type,
    cast(definitions.status as text) as status,
    definitions.status = 'active' as is_active,
    definitions.segment_type <> 'manual' as is_automatic,
    cast(criteria.rules_json as {{ json_type() }}) as rules,
    cast(criteria.rule_logic as text) as rule_logic,
    cast(definitions.model_id as text) as model_id,
    cast(definitions.model_threshold as double precision) as model_threshold,
    cast(criteria.behavior_json as {{ json_type() }}) as behavior_definition,
    cast(coalesce(members.member_count, 0) as bigint) as member_count,
    cast(members.average_value as numeric(18, 2)) as average_value,
    cast(definitions.business_unit as text) as business_unit,
    string_to_array(definitions.use_cases, ' ') as use_cases,
    {{ round_to(refresh_hours('definitions.refresh_days') ~ ' / cast(24 as double precision)', 6) }} as refresh_days,
    lower(definitions.auto_refresh) = 'true' as auto_refresh,
    cast(definitions.expires_after_days as bigint) as expires_after_days,
    cast(calculations.last_calculated_at as timestamp) as last_calculated_at,
    cast(calculations.first_calculated_at as timestamp) as created_at,
    {{ as_of() }} as updated_at
from definitions
left join {{ ref('int_criteria') }} as criteria on criteria.rule_kind = 'segment' and definitions.segment_id = criteria.owner_id
left join members
    on definitions.in_store_id = members.store_id and members.kind = 'segment' and definitions.segment_id = members.segment_id
left join calculations on definitions.in_store_id = calculations.store_id and definitions.segment_id = calculations.segment_id
union all
select
    cast(found.store_id as text) as store_id,
    cast(found.segment_id as text) as segment_id,
    cast(found.name as text) as name,
    cast(found.slug as text) as slug,
    cast(found.description as text) as description,
    cast(found.segment_type as text) as segment_type,
    case when found.is_current then 'active' else 'inactive' end as status,
    found.is_current as is_active,
    true as is_automatic,
    cast(null as {{ json_type() }}) as rules,
    cast(null as text) as rule_logic,
    cast(found.model_id as text) as model_id,
    cast(null as double precision) as model_threshold,
    cast(null as {{ json_type() }}) as behavior_definition,
    cast(coalesce(members.member_count, 0) as bigint) as member_count,
    cast(members.average_value as numeric(18, 2)) as average_value,
    'all' as business_unit,
    {{ text_list([]) }} as use_cases,
    cast({{ var('refit_days') }} as double precision) as refresh_days,
    true as auto_refresh,
    cast(null as bigint) as expires_after_days,
    cast(found.last_fitted_at as timestamp) as last_calculated_at,
    cast(found.first_fitted_at as timestamp) as created_at,
    {{ as_of() }} as updated_at
from found
left join members
    on found.store_id = members.store_id and found.kind = members.kind and found.segment_id = members.segment_id
