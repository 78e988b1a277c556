{%- set asked = ('email:' ~ var('email') | lower) if var('email', none) else 'customer:' ~ var('customer_id', 'c1000653') %}

-- The sidebar of a help desk: one person, by the e-mail address or the customer id of a ticket, as one row of JSON
with person as (

    select
        store_id,
        customer_id
    from {{ ref('customer_identities') }}
    where store_id = {{ sql_text(var('store_id', 'store_1')) }} and identifier = {{ sql_text(asked) }}

),

segments as (

    select
        members.store_id,
        members.customer_id,
        {{ json_list('segments.name', byte_order('segments.name')) }} as segment_names
    from {{ ref('segment_memberships') }} as members
    inner join {{ ref('segments') }} as segments on members.store_id = segments.store_id and members.segment_id = segments.segment_id
    where members.left_at is null and segments.segment_type <> 'axis'
    group by members.store_id, members.customer_id

),

tickets as (

    select
        store_id,
        customer_id,
        {{ json_list(json_object({
            'ticket_id': 'ticket_id', 'queue': 'queue', 'queue_rank': 'queue_rank', 'priority': 'priority', 'reason': 'reason',
            'suggestion': 'suggestion'
        }), byte_order('ticket_id')) }} as open_tickets
    from {{ ref('ticket_routing') }}
    where customer_id is not null
    group by store_id, customer_id

)

select
    {{ json_object({
        'customer_id': 'profiles.customer_id',
        'name': "coalesce(profiles.display_name, nullif(trim(coalesce(profiles.first_name, '') || ' ' || coalesce(profiles.last_name, '')), ''))",
        'orders': 'profiles.total_orders',
        'lifetime_value': 'cast(profiles.total_revenue as text)',
        'last_order': 'cast(cast(profiles.last_order_at as date) as text)',
        'rfm_segment': 'profiles.rfm_segment',
        'churn_risk': round_to('profiles.churn_risk', 2),
        'health_score': 'profiles.health_score',
        'segments': 'segments.segment_names',
        'open_tickets': 'tickets.open_tickets'
    }) }} as sidebar
from person
inner join {{ ref('audience_profiles') }} as profiles
    on person.store_id = profiles.store_id and person.customer_id = profiles.customer_id
left join segments on person.store_id = segments.store_id and person.customer_id = segments.customer_id
left join tickets on person.store_id = tickets.store_id and person.customer_id = tickets.customer_id
