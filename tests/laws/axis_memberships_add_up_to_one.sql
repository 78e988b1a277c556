-- The memberships of one person on one axis are shares of one: they add up to 1 and none lies outside 0 to 1. If it fails,
-- profiles and lookalikes compare numbers that mean something else from person to person.
select
    store_id,
    customer_id,
    axis_name
from {{ ref('axis_memberships') }}
group by store_id, customer_id, axis_name
having abs(sum(membership) - 1) > 0.000000001 or min(membership) < 0 or max(membership) > 1
