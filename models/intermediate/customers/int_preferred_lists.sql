{{ config(**by_person(
    models=['int_product_affinities', 'int_content_interactions', 'int_activity_totals'], versions='int_interest_versions'
)) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_interest_versions') | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

pushed as (

    select
        events.store_id,
        identities.customer_id,
        count(*) as events
    from {{ ref('int_events_enriched') }} as events
    inner join people as identities on {{ same_person('events') }}
    where events.fate = 'accepted' and events.is_own_act and events.channel = 'push'
    group by events.store_id, identities.customer_id

),

counted as (

    select
        store_id,
        customer_id,
        'vertical' as kind,
        item_id as item,
        score
    from {{ ref('int_product_affinities') }}
    where kind = 'vertical' and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}
    union all
    select
        store_id,
        customer_id,
        'vertical' as kind,
        vertical as item,
        interactions as score
    from {{ ref('int_content_interactions') }}
    where vertical is not null and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}
    union all
    select
        store_id,
        customer_id,
        'content_type' as kind,
        content_type as item,
        interactions as score
    from {{ ref('int_content_interactions') }}
    where {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}
    {%- for channel, score in [('email', 'email_responses'), ('sms', 'sms_responses'), ('social_media', 'social_clicks')] %}
        union all
        select
            store_id,
            customer_id,
            'channel' as kind,
            '{{ channel }}' as item,
            {{ score }} as score
        from {{ ref('int_activity_totals') }}
        where {{ score }} > 0 and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}
    {%- endfor %}
    union all
    select
        store_id,
        customer_id,
        'channel' as kind,
        'push' as item,
        events as score
    from pushed

),

ranked as (

    select
        store_id,
        customer_id,
        kind,
        item,
        row_number() over (
            partition by store_id, customer_id, kind order by sum(score) desc, {{ byte_order('item') }}
        ) as item_rank
    from counted
    group by store_id, customer_id, kind, item

),

lists as (

    select
        store_id,
        customer_id,
        array_agg(item order by item_rank) filter (where kind = 'vertical') as preferred_verticals,
        array_agg(item order by item_rank) filter (where kind = 'content_type') as preferred_content_types,
        array_agg(item order by item_rank) filter (where kind = 'channel') as preferred_channels
    from ranked
    where item_rank <= 3
    group by store_id, customer_id

)

select
    lists.*,
    coalesce(changed.person_version, '') as person_version
from lists
left join changed on lists.store_id = changed.store_id and lists.customer_id = changed.customer_id
