{{ config(severity='warn') }}

-- A warning, since a shop may be closed: nothing came for a week, and for ten times as long as from one order to the next. Either
-- nothing was loaded, or the night is not the one that was meant, such as today's of a shop whose history ended long ago.
with orders as (

    select
        store_id,
        max(ordered_at) as newest_at,
        {{ ratio(elapsed_seconds('min(ordered_at)', 'max(ordered_at)'), 'count(*)') }} as usual_seconds
    from {{ ref('int_orders') }}
    group by store_id

),

facts as (

    select
        store_id,
        max(last_seen_at) as newest_at,
        0 as usual_seconds
    from {{ ref('int_activity_totals') }}
    group by store_id
    union all
    select
        store_id,
        newest_at,
        usual_seconds
    from orders

),

stores as (

    select
        store_id,
        cast(max(newest_at) as date) as newest_date,
        {{ elapsed_seconds('max(newest_at)', as_of()) }} as silent_seconds,
        greatest(7 * 86400, 10 * max(usual_seconds)) as long_seconds
    from facts
    group by store_id

)

select
    store_id || ': the newest order, event or visit is of ' || newest_date || ', and this night is {{ as_of_text()[:10] }}.'
    || ' Does the loader run? For a night of the past: --vars ''{as_of: "' || (newest_date + 1) || '", rebuild_from: "'
    || (newest_date + 1) || '"}''' as sentence
from stores
where silent_seconds > long_seconds
