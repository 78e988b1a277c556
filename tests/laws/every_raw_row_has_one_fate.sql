{{ config(meta={'is_told': true}) }}

-- If this fails, rows were lost or counted twice on their way from raw to staging. On the incremental events it also shows
-- rows that became visible later than the var loaded_at_overlap_hours allows, which the next run finds, see stores_unread().
with counted as (

    select
        store_id,
        table_name,
        raw_rows,
        accepted_rows,
        duplicate_rows,
        rejected_rows,
        suppressed_rows,
        not_yet_rows,
        accepted_rows + duplicate_rows + rejected_rows + suppressed_rows + not_yet_rows as fates
    from {{ ref('staging_quality') }}

),

surplus as (

    -- events that were deleted from the raw table after they were read for the last time stay: such stores have more fates than rows
    select store_id from counted
    where table_name = 'events' and fates > raw_rows

),

kept as (

    select
        store_id,
        count(*) as kept_rows
    from (
        select
            coalesce(store_id, '') as store_id,
            event_id,
            loaded_at
        from {{ ref('base_events') }}
        where
            fate <> 'deleted'
            and arrived_at < {{ as_of() }}
            and coalesce(store_id, '') in (select surplus.store_id from surplus)
        except all
        select
            coalesce(store_id, '') as store_id,
            event_id,
            {{ load_stamp('loaded_at') }} as loaded_at
        from {{ source('input', 'events') }}
        where coalesce(store_id, '') in (select surplus.store_id from surplus)
    ) as missing_rows
    group by store_id

)

select
    counted.store_id,
    counted.table_name,
    counted.raw_rows,
    kept.kept_rows,
    counted.accepted_rows,
    counted.duplicate_rows,
    counted.rejected_rows,
    counted.suppressed_rows,
    counted.not_yet_rows,
    case
        when counted.table_name <> 'events'
            then 'type dbt build again while nothing is loaded: rows of this table that are not read every night would be a fault of ours'
        when counted.raw_rows + coalesce(kept.kept_rows, 0) < counted.fates then 'type dbt build --full-refresh: events are counted twice'
        when kept.kept_rows > 0
            then
                'type dbt build --full-refresh: events came with a loaded_at of long ago; it forgets events that were deleted from the raw '
                || 'table'
        else
            'type dbt build again: events came with a loaded_at of long ago, and it reads the store whole; if it fails again, '
            || 'type dbt build --full-refresh, which forgets events that were deleted from the raw table'
    end as sentence
from counted
left join kept on counted.store_id = kept.store_id and counted.table_name = 'events'
where counted.raw_rows + coalesce(kept.kept_rows, 0) <> counted.fates
