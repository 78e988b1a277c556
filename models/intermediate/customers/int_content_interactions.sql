{{ config(**by_person()) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

content as (

    -- content events are few: they are picked first, and then looked up among the events whose person is known
    select
        store_id,
        event_id,
        vertical,
        coalesce(lower(content_type), case event_type
            when 'article_read' then 'article' when 'video_watch' then 'video' else 'podcast'
        end) as content_type
    from {{ ref('stg_events') }}
    where fate = 'accepted' and event_type in ('article_read', 'video_watch', 'podcast_listen')

)

select
    content.store_id,
    identities.customer_id,
    content.content_type,
    content.vertical,
    identities.person_version,
    count(*) as interactions
from content
inner join {{ ref('int_events_enriched') }} as events on content.store_id = events.store_id and content.event_id = events.event_id
inner join people as identities on {{ same_person('events') }}
where events.fate = 'accepted' and events.is_own_act
group by content.store_id, identities.customer_id, identities.person_version, content.content_type, content.vertical
