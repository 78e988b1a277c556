{{ config(severity='warn') }}

-- A warning, since a shop may be closed: nothing came for a week, and for ten times as long as from one order to the next. Either
-- nothing was loaded, or, where no store has newer facts, the night is not the one that was meant, such as today's of a shop whose
-- history ended long ago.
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

),

silent as (

    select
        store_id,
        newest_date,
        count(*) over () as silent_stores,
        max(newest_date) over () as newest_of_all,
        row_number() over (order by newest_date desc, {{ byte_order('store_id') }}) as place
    from stores
    where silent_seconds > long_seconds

),

told as (

    select
        silent.silent_stores,
        silent.newest_of_all,
        (select max(stores.newest_date) from stores) > silent.newest_of_all as have_others_newer,
        string_agg(
            silent.store_id || case when silent.silent_stores > 1 then ' (' || silent.newest_date || ')' else '' end,
            ', ' order by silent.place
        ) as silent_ids
    from silent
    where silent.place <= 20
    group by silent.silent_stores, silent.newest_of_all

)

-- one line for all of them: where others have facts the night is the one that was meant, and going back would cut ledgers of all
select
    silent_ids || case when silent_stores > 20 then ' and ' || (silent_stores - 20) || ' more stores' else '' end
    || ': the newest order, event or visit is of ' || case when silent_stores > 1 then 'the day in brackets' else newest_of_all || '' end
    || case
        when have_others_newer
            then
                ', while other stores have newer ones. Where a loader stopped, what it missed counts from the night on in which it comes;'
                || ' where a store is closed, nothing is to be done.'
        else
            ', and this night is {{ as_of_text()[:10] }}. Does the loader run? For a night of the past: --vars ''{as_of: "'
            || (newest_of_all + 1) || '", rebuild_from: "' || (newest_of_all + 1) || '"}'''
    end as sentence
from told
