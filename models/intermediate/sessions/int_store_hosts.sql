with pages as (

    -- many visits land on few pages, whose hosts are what takes time to find
    select
        store_id,
        landing_page,
        count(*) as landings
    from {{ ref('int_event_sessions') }}
    where landing_page is not null
    group by store_id, landing_page

),

landings as (

    select
        store_id,
        landings,
        {{ url_host('landing_page') }} as host_name
    from pages

),

counted as (

    select
        store_id,
        host_name,
        sum(landings) as landings,
        sum(case when host_name is not null then sum(landings) end) over (partition by store_id) as all_landings
    from landings
    group by store_id, host_name

)

-- a host on which hardly anybody lands is a proxy's, or of somebody who writes into the shop's events
select
    store_id,
    host_name
from counted
where host_name is not null and landings * 100 >= all_landings
union
select
    store_id,
    {{ url_host('domain') }} as host_name
from {{ ref('stg_stores') }}
where {{ url_host('domain') }} is not null
