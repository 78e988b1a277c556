select
    cast(fingerprints.store_id as text) as store_id,
    cast(fingerprints.customer_id as text) as customer_id,
    cast(memberships.archetype_id as text) as archetype_id,
    cast(memberships.membership as double precision) as archetype_membership,
    memberships.is_exact,
    cast(memberships.archetype_memberships as double precision[]) as archetype_memberships,
    cast(fingerprints.fingerprint as double precision[]) as fingerprint
from {{ ref('axis_fingerprints') }} as fingerprints
left join {{ ref('archetype_memberships') }} as memberships
    on fingerprints.store_id = memberships.store_id and fingerprints.customer_id = memberships.customer_id
