with pushed as (

    select
        store_id,
        person_identifier,
        count(*) as events
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted' and is_own_act and channel = 'push'
    group by store_id, person_identifier

),

counted as (

    select
        store_id,
        customer_id,
        'vertical' as kind,
        item_id as item,
        score
    from {{ ref('int_product_affinities') }}
    where kind = 'vertical'
    union all
    select
        store_id,
        customer_id,
        'vertical' as kind,
        vertical as item,
        interactions as score
    from {{ ref('int_content_interactions') }}
    where vertical is not null
    union all
    select
        store_id,
        customer_id,
        'content_type' as kind,
        content_type as item,
        interactions as score
    from {{ ref('int_content_interactions') }}
    {%- for channel, score in [('email', 'email_responses'), ('sms', 'sms_responses'), ('social_media', 'social_clicks')] %}
        union all
        select
            store_id,
            customer_id,
            'channel' as kind,
            '{{ channel }}' as item,
            {{ score }} as score
        from {{ ref('int_activity_totals') }}
        where {{ score }} > 0
    {%- endfor %}
    union all
    select
        pushed.store_id,
        identities.customer_id,
        'channel' as kind,
        'push' as item,
        pushed.events as score
    from pushed
    inner join {{ ref('customer_identities') }} as identities on {{ same_person('pushed') }}

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

)

select
    store_id,
    customer_id,
    array_agg(item order by item_rank) filter (where kind = 'vertical') as preferred_verticals,
    array_agg(item order by item_rank) filter (where kind = 'content_type') as preferred_content_types,
    array_agg(item order by item_rank) filter (where kind = 'channel') as preferred_channels
from ranked
where item_rank <= 3
group by store_id, customer_id
