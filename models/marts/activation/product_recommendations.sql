{{ config(materialized='view') }}

with lists as (

    select
        recommended.store_id,
        recommended.customer_id,
        'new' as list_name,
        recommended.recommendation_rank,
        recommended.product_id,
        recommended.score,
        recommended.method,
        recommended.because_product_id,
        recommended.common_buyers,
        cast(null as bigint) as purchase_days,
        cast(null as bigint) as days_since,
        cast(null as double precision) as cycle_days
    from {{ ref('recommended_products') }} as recommended
    union all
    -- who bought nothing yet
    select
        customers.store_id,
        customers.customer_id,
        'new' as list_name,
        demand.popularity_rank as recommendation_rank,
        demand.product_id,
        0 as score,
        'popular' as method,
        null as because_product_id,
        null as common_buyers,
        null as purchase_days,
        null as days_since,
        null as cycle_days
    from {{ ref('int_customers') }} as customers
    inner join {{ ref('int_product_demand') }} as demand on customers.store_id = demand.store_id
    where
        demand.is_offered
        and demand.popularity_rank <= {{ var('recommendations_per_customer') }}
        and customers.is_identified
        and not customers.do_not_track
        and not exists (
            select 1
            from {{ ref('int_purchased_products') }} as purchased
            where purchased.store_id = customers.store_id and purchased.customer_id = customers.customer_id
        )
    union all
    select
        repurchases.store_id,
        repurchases.customer_id,
        'buy_again' as list_name,
        repurchases.repurchase_rank as recommendation_rank,
        repurchases.product_id,
        repurchases.score,
        'own_cycle' as method,
        null as because_product_id,
        null as common_buyers,
        repurchases.purchase_days,
        repurchases.days_since,
        repurchases.cycle_days
    from {{ ref('int_repurchases') }} as repurchases

)

select
    cast(lists.store_id as text) as store_id,
    cast(lists.customer_id as text) as customer_id,
    cast(lists.list_name as text) as list_name,
    cast(lists.recommendation_rank as bigint) as recommendation_rank,
    cast(lists.product_id as text) as product_id,
    cast(demand.product_name as text) as product_name,
    cast(lists.score as double precision) as score,
    cast(lists.method as text) as method,
    cast(
        case
            when lists.list_name = 'buy_again'
                then
                    case when lists.purchase_days = 1 then 'bought once, ' else 'bought on ' || lists.purchase_days || ' days, last ' end
                    || lists.days_since || case when lists.days_since = 1 then ' day ago' else ' days ago' end
                    || case when lists.purchase_days = 1 then '; others buy it again after about ' else '; expected again after about ' end
                    || cast(greatest({{ round_to('lists.cycle_days', 0) }}, 1) as bigint) || ' days'
            when lists.because_product_id is not null
                then 'bought with ' || because.product_name || ' by ' || lists.common_buyers || ' people'
            when lists.method <> 'popular' then 'goes with what was bought'
            when demand.recent_buyers > 0
                then
                    'popular: new to ' || demand.recent_buyers
                    || case when demand.recent_buyers = 1 then ' person' else ' people' end || ' in 30 days'
            else 'popular: bought by ' || demand.buyers || case when demand.buyers = 1 then ' person' else ' people' end
        end as text
    ) as reason,
    cast(lists.because_product_id as text) as because_product_id
from lists
inner join {{ ref('int_product_demand') }} as demand on lists.store_id = demand.store_id and lists.product_id = demand.product_id
left join {{ ref('int_product_demand') }} as because
    on lists.store_id = because.store_id and lists.because_product_id = because.product_id
