select
    cast(store_id as text) as store_id,
    cast(as_of as timestamp) as as_of,
    cast(change_type as text) as change_type,
    cast(earlier_customer_id as text) as from_customer_id,
    cast(customer_id as text) as to_customer_id,
    cast(count(*) as bigint) as identifier_count
from {{ ref('identity_survivors') }}
where earlier_customer_id is not null
group by store_id, as_of, change_type, earlier_customer_id, customer_id
