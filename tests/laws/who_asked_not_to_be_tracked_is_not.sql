-- If this fails, somebody who asked not to be tracked, on any record of theirs, has an event, a session, a day, an interest or a
-- feature, by whichever identifier it came.
with untracked as (

    select
        identities.store_id,
        identities.customer_id,
        identities.identifier
    from {{ ref('int_customers') }} as people
    inner join {{ ref('customer_identities') }} as identities
        on people.store_id = identities.store_id and people.customer_id = identities.customer_id
    where people.do_not_track

),

named as (

    -- events and visits that count, by the best that they name
    select
        'int_events_enriched' as found_in,
        store_id,
        coalesce('customer:' || event_customer_id, 'email:' || email, 'customer:' || source_customer_id, device_id) as identifier
    from {{ ref('int_events_enriched') }}
    where fate = 'accepted'
    union all
    {%- for model in ['int_events_enriched', 'int_event_sessions', 'int_sessions', 'int_visitor_days'] %}
        select
            '{{ model }}' as found_in,
            store_id,
            person_identifier as identifier
        from {{ ref(model) }}
        where person_identifier is not null
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

),

features as (

    {%- for model in ['customer_behavior_features', 'int_interests', 'int_favorites', 'int_customer_axis_features', 'axis_memberships'] %}
        select
            '{{ model }}' as found_in,
            store_id,
            customer_id
        from {{ ref(model) }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

)

select
    named.found_in,
    untracked.store_id,
    untracked.customer_id
from named
inner join untracked on named.store_id = untracked.store_id and named.identifier = untracked.identifier
union
select
    features.found_in,
    untracked.store_id,
    untracked.customer_id
from features
inner join untracked on features.store_id = untracked.store_id and features.customer_id = untracked.customer_id
