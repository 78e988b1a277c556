{{ config(post_hook=["{{ ensure_index(['store_id', 'identifier']) }}", "{{ ensure_index(['store_id', 'customer_id']) }}"]) }}

with named as (

    -- the last word of the ledger on every identifier that it follows
    {{ last_of_ledger(ref('identity_survivors'), ['store_id', 'identifier'], ['customer_id'], 'as_of <= ' ~ as_of()) }}

),

members as (

    select
        identifiers.*,
        coalesce(components.component, identifiers.identifier) as component,
        coalesce(components.status, 'ok') as status
    from {{ ref('int_identifiers') }} as identifiers
    left join {{ ref('identity_components') }} as components
        on identifiers.store_id = components.store_id and identifiers.identifier = components.identifier

),

persons as (

    -- the person of a component: the one whom all of its identifiers that the ledger follows name
    select
        members.store_id,
        members.component,
        min(named.customer_id) as customer_id
    from members
    inner join named on members.store_id = named.store_id and members.identifier = named.identifier
    group by members.store_id, members.component

)

select
    members.store_id,
    members.identifier,
    members.identifier_type,
    members.identifier_value,
    members.status,
    members.first_at,
    coalesce(persons.customer_id, {{ id_of_identifier('members.identifier') }}) as customer_id
from members
left join persons on members.store_id = persons.store_id and members.component = persons.component
