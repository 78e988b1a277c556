-- Whom the next newsletter goes to, and what each of them has spent.
select
    members.store_id,
    members.customer_id,
    customers.total_spent
from {{ ref('tessera', 'segment_memberships') }} as members
inner join {{ ref('tessera', 'customer_behavior_summary') }} as customers
    on members.store_id = customers.store_id and members.customer_id = customers.customer_id
where members.segment_id = 'newsletter-readers' and members.is_current
