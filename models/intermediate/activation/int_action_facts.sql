{{ config(materialized='view') }}

with segments as (

    select
        store_id,
        customer_id,
        array_agg(group_id order by {{ byte_order('group_id') }}) as segments
    from {{ ref('int_membership_spells') }}
    where kind = 'segment' and left_at is null
    group by store_id, customer_id

),

-- keys of a store's axis segments, where memberships in them stand in a fingerprint
membership_keys as (

    select
        store_id,
        array_agg(segment_key order by fingerprint_position) as axis_membership_keys
    from {{ ref('int_axis_segments') }}
    where is_current
    group by store_id

),

due as (

    select
        repurchases.store_id,
        repurchases.customer_id,
        repurchases.product_id,
        demand.product_name,
        {{ ratio('repurchases.days_since', 'repurchases.cycle_days') }} as replenishment_ratio,
        row_number() over (
            partition by repurchases.store_id, repurchases.customer_id
            order by repurchases.repurchase_rank
        ) as due_rank
    from {{ ref('int_repurchases') }} as repurchases
    inner join {{ ref('int_product_demand') }} as demand
        on repurchases.store_id = demand.store_id and repurchases.product_id = demand.product_id
    -- bought on two days at least: who bought it once does not buy it again and again
    where repurchases.purchase_days > 1 and repurchases.cycle_days > 0 and repurchases.days_since >= 0.8 * repurchases.cycle_days

),

tickets as (

    select
        tickets.store_id,
        identities.customer_id,
        max(tickets.opened_at) as last_ticket_at
    from {{ ref('stg_support_tickets') }} as tickets
    inner join {{ ref('customer_identities') }} as identities
        on {{ same_person('tickets', identifier_of({'customer': 'tickets.source_customer_id', 'email': 'tickets.email'})) }}
    where tickets.opened_at < {{ as_of() }}
    group by tickets.store_id, identities.customer_id

)

select
    people.store_id,
    people.customer_id,
    coalesce(segments.segments, cast(array[] as text[])) as segments,
    fingerprints.fingerprint as axis_membership,
    membership_keys.axis_membership_keys,
    {{ round_to('due.replenishment_ratio', 4) }} as replenishment_ratio,
    due.product_name as replenishment_product,
    due.product_id as replenishment_product_id,
    tickets.last_ticket_at
from {{ ref('int_rule_results') }} as people
left join segments on people.store_id = segments.store_id and people.customer_id = segments.customer_id
left join {{ ref('axis_fingerprints') }} as fingerprints
    on people.store_id = fingerprints.store_id and people.customer_id = fingerprints.customer_id
left join membership_keys on people.store_id = membership_keys.store_id
left join due on people.store_id = due.store_id and people.customer_id = due.customer_id and due.due_rank = 1
left join tickets on people.store_id = tickets.store_id and people.customer_id = tickets.customer_id
