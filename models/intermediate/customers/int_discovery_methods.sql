{{ config(**by_person(vars=['session_max_gap_hours'], seeds=['traffic_channels', 'custom_traffic_channels'])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

navigation as (

    -- a page view is the step that its kind of page says: results of a search, or a collection
    select
        events.store_id,
        identities.customer_id,
        identities.person_version,
        events.session_key,
        events.session_sequence,
        events.occurred_at,
        case
            when events.event_type in ('search', 'collection_view', 'product_view') then events.event_type
            when events.page_kind in ('search', 'collection_view') then events.page_kind
        end as step
    from {{ ref('int_events_enriched') }} as events
    inner join people as identities on {{ same_person('events') }}
    where events.fate = 'accepted' and events.session_key is not null

),

steps as (

    -- the products that were opened from one list, one after the other: people go back to it, which no event tells. Two times its
    -- number in the visit, and one more of a search, say which list was the last
    select
        *,
        row_number() over visit as step_rank,
        max(
            case step when 'search' then 2 * session_sequence + 1 when 'collection_view' then 2 * session_sequence end
        ) over visit as last_list
    from navigation
    where step is not null
    window visit as (partition by store_id, session_key order by session_sequence rows between unbounded preceding and current row)

),

entries as (

    -- what brought the visit, for products that were not found on the site; medium says more than source
    select
        sessions.store_id,
        sessions.session_key,
        coalesce(mediums.traffic_channel, sources.traffic_channel, 'direct') as traffic_channel
    from {{ ref('int_sessions') }} as sessions
    inner join people as identities on {{ same_person('sessions') }}
    left join {{ ref('stg_traffic_channels') }} as mediums
        on mediums.field = 'medium' and {{ name_key('sessions.medium') }} = mediums.name_key
    left join {{ ref('stg_traffic_channels') }} as sources
        on sources.field = 'source' and {{ name_key('sessions.source') }} = sources.name_key

),

discoveries as (

    select
        steps.store_id,
        steps.customer_id,
        steps.person_version,
        'discovery' as dimension,
        case
            when mod(steps.last_list, 2) = 1 then 'search'
            when mod(steps.last_list, 2) = 0 then 'collection'
            when steps.step_rank > 1 then 'recommendation'
            else entries.traffic_channel
        end as method,
        steps.occurred_at as discovered_at,
        cast(null as numeric(18, 2)) as attribution_value
    from steps
    inner join entries on steps.store_id = entries.store_id and steps.session_key = entries.session_key
    where steps.step = 'product_view'
    union all
    select
        attributions.store_id,
        identities.customer_id,
        identities.person_version,
        'attribution' as dimension,
        lower(attributions.attribution_type) as method,
        coalesce(attributions.created_at, orders.ordered_at) as discovered_at,
        attributions.attribution_value
    from {{ ref('stg_purchase_attributions') }} as attributions
    inner join {{ ref('int_orders') }} as orders
        on attributions.store_id = orders.store_id and attributions.order_id = orders.order_id
    inner join people as identities on {{ same_person('orders') }}
    where orders.is_counted and attributions.attribution_type is not null

)

select
    store_id,
    customer_id,
    dimension,
    method,
    count(*) as discoveries,
    max(discovered_at) as last_discovered_at,
    {{ fit_money('sum(attribution_value)') }} as attribution_value,
    person_version
from discoveries
group by store_id, customer_id, dimension, method, person_version
