-- Whoever meets the rules of a segment that was looked at tonight is a member of it, and nobody else is but who is on its
-- list. If this fails, a segment's members and its compiled rules say different things. Segments whose memberships expire
-- are left out: there somebody may meet the rules and wait.
with looked_at as (

    select
        calculations.store_id,
        calculations.group_id
    from {{ ref('group_calculations') }} as calculations
    inner join {{ ref('int_groups') }} as definitions
        on calculations.kind = definitions.kind and calculations.group_id = definitions.group_id
    where calculations.kind = 'segment' and calculations.as_of = {{ as_of() }} and definitions.expires_after_days is null

),

met as (

    select
        store_id,
        customer_id,
        unnest(string_to_array(meets, ',')) as met_owner
    from {{ ref('int_rule_results') }}

),

wanted as (

    select
        met.store_id,
        looked_at.group_id,
        met.customer_id
    from met
    inner join looked_at on met.store_id = looked_at.store_id and met.met_owner = 'segment:' || looked_at.group_id
    union
    select
        imports.store_id,
        looked_at.group_id,
        imports.customer_id
    from {{ ref('int_segment_imports') }} as imports
    inner join looked_at on imports.store_id = looked_at.store_id and imports.group_id = looked_at.group_id

),

members as (

    select
        memberships.store_id,
        looked_at.group_id,
        memberships.customer_id
    from {{ ref('int_membership_spells') }} as memberships
    inner join looked_at on memberships.store_id = looked_at.store_id and memberships.group_id = looked_at.group_id
    where memberships.kind = 'segment' and memberships.left_at is null

)

select
    coalesce(wanted.store_id, members.store_id) as store_id,
    coalesce(wanted.group_id, members.group_id) as segment_id,
    coalesce(wanted.customer_id, members.customer_id) as customer_id,
    wanted.customer_id is not null as is_wanted
from wanted
full outer join members
    on
        wanted.store_id = members.store_id
        and wanted.group_id = members.group_id
        and wanted.customer_id = members.customer_id
where wanted.customer_id is null or members.customer_id is null
