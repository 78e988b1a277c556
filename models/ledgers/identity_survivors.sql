{{ config(post_hook="{{ ensure_index(['store_id', 'identifier']) }}") }}

with earlier as (

    {{ previous_state(is_incremental(), this, ['store_id', 'identifier'], {'customer_id': 'text'}) | indent(4) }}

),

members as (

    select
        identifiers.store_id,
        identifiers.identifier,
        identifiers.identifier_type,
        coalesce(components.component, identifiers.identifier) as component,
        identifiers.record_created_at,
        identifiers.first_at,
        {{ id_of_identifier('identifiers.identifier') }} as own_id,
        earlier.customer_id as earlier_customer_id
    from {{ ref('int_identifiers') }} as identifiers
    left join {{ ref('identity_components') }} as components
        on identifiers.store_id = components.store_id and identifiers.identifier = components.identifier
    left join earlier
        on identifiers.store_id = earlier.store_id and identifiers.identifier = earlier.identifier
    -- a device or an external id never gives a person its name where others could, and no two devices are one person
    where identifiers.identifier_type in ('customer', 'email', 'phone')

),

ranked as (

    -- who has been a person stays one; then the earliest record, then the first that was seen
    select
        *,
        row_number() over (
            partition by store_id, component
            order by
                case identifier_type when 'customer' then 1 when 'email' then 2 else 3 end,
                case when earlier_customer_id = own_id then 0 else 1 end,
                case when identifier_type = 'customer' then record_created_at else first_at end nulls last,
                {{ byte_order('identifier') }}
        ) as survivor_rank
    from members

),

survivors as (

    select
        store_id,
        component,
        own_id as customer_id
    from ranked
    where survivor_rank = 1

)

select
    ranked.store_id,
    ranked.identifier,
    survivors.customer_id,
    ranked.earlier_customer_id,
    -- a split leaves behind whoever gave the earlier person its name
    case
        when ranked.earlier_customer_id is null then 'new'
        when leaders.component <> ranked.component then 'split'
        else 'merge'
    end as change_type,
    {{ as_of() }} as as_of
from ranked
inner join survivors on ranked.store_id = survivors.store_id and ranked.component = survivors.component
left join ranked as leaders
    on ranked.store_id = leaders.store_id and ranked.earlier_customer_id = leaders.own_id
where
    -- customers, and whatever else has been a person
    (ranked.identifier_type = 'customer' or ranked.survivor_rank = 1 or ranked.earlier_customer_id is not null)
    and (ranked.earlier_customer_id is null or ranked.earlier_customer_id <> survivors.customer_id)
