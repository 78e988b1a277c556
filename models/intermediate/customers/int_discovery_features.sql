{{ config(**by_person(
    vars=['impulse_window_minutes'], models=['int_discovery_methods'], versions='int_interest_versions'
)) }}

with changed as (

    {{ changed_people(is_incremental(), 'int_interest_versions') | indent(4) }}

),

people as (

    {{ identifiers_of_changed(is_incremental()) | indent(4) }}

),

interactions as (

    select
        interactions.*,
        identities.customer_id
    from {{ ref('int_product_interactions') }} as interactions
    inner join people as identities on {{ same_person('interactions') }}
    where interactions.interaction_type in ('viewed', 'purchased')

),

searches as (

    select
        events.store_id,
        identities.customer_id,
        count(*) as searches,
        count(distinct lower({{ replace_all(clean_text('events.search_query'), '[[:space:]]+', ' ') }})) as distinct_queries
    from {{ ref('int_events_enriched') }} as events
    inner join people as identities on {{ same_person('events') }}
    where events.fate = 'accepted' and events.event_type = 'search' and events.search_query is not null
    group by events.store_id, identities.customer_id

),

session_comparisons as (

    -- two or more products of one category in a session: more products than categories
    select
        store_id,
        customer_id,
        session_key,
        count(distinct case when product_category is not null then product_id end) > count(distinct product_category) as is_comparison
    from interactions
    where interaction_type = 'viewed'
    group by store_id, customer_id, session_key

),

comparisons as (

    select
        store_id,
        customer_id,
        {{ ratio('sum(case when is_comparison then 1 else 0 end)', 'count(*)') }} as product_comparison_behavior
    from session_comparisons
    group by store_id, customer_id

),

product_interactions as (

    select
        store_id,
        customer_id,
        interaction_type,
        occurred_at,
        min(case when interaction_type = 'viewed' then occurred_at end) over (
            partition by store_id, customer_id, product_id
        ) as first_viewed_at
    from interactions

),

impulses as (

    -- of the products that were viewed before they were ordered: how many were seen for the first time just then
    select
        store_id,
        customer_id,
        {{ ratio(
            'sum(case when ' ~ elapsed_seconds('first_viewed_at', 'occurred_at') ~ ' <= ' ~ 60 * var('impulse_window_minutes')
            ~ ' then 1 else 0 end)',
            'count(*)'
        ) }} as impulse_purchase_tendency
    from product_interactions
    where interaction_type = 'purchased' and occurred_at >= first_viewed_at
    group by store_id, customer_id

),

ways as (

    -- what orders are attributed to wins over what led to product views: that of most money where it is known, then the most frequent;
    -- of equals the latest, then the first by name
    select
        *,
        row_number() over (
            partition by store_id, customer_id
            order by
                case dimension when 'attribution' then 0 else 1 end, coalesce(attribution_value, 0) desc, discoveries desc,
                last_discovered_at desc, {{ byte_order('method') }}
        ) as way_rank
    from {{ ref('int_discovery_methods') }}
    where method is not null and {{ is_of_changed(is_incremental(), 'store_id', 'customer_id') }}

),

attributed as (

    select
        store_id,
        customer_id,
        max(case when way_rank = 1 then method end) as product_discovery_method,
        {{ fit_money('sum(attribution_value)') }} as attributed_value
    from ways
    group by store_id, customer_id

)

select
    customers.store_id,
    customers.customer_id,
    {{ round_to(ratio('searches.distinct_queries', 'searches.searches'), 6) }} as search_query_diversity,
    attributed.product_discovery_method,
    attributed.attributed_value,
    {{ round_to('comparisons.product_comparison_behavior', 6) }} as product_comparison_behavior,
    {{ round_to('impulses.impulse_purchase_tendency', 6) }} as impulse_purchase_tendency,
    coalesce(changed.person_version, '') as person_version
from {{ ref('int_customers') }} as customers
left join changed on customers.store_id = changed.store_id and customers.customer_id = changed.customer_id
left join attributed on customers.store_id = attributed.store_id and customers.customer_id = attributed.customer_id
left join searches on customers.store_id = searches.store_id and customers.customer_id = searches.customer_id
left join comparisons on customers.store_id = comparisons.store_id and customers.customer_id = comparisons.customer_id
left join impulses on customers.store_id = impulses.store_id and customers.customer_id = impulses.customer_id
where {{ is_of_changed(is_incremental(), 'customers.store_id', 'customers.customer_id') }}
