select
    cast(store_id as text) as store_id,
    cast(axis_name as text) as axis_name,
    cast(feature as text) as feature,
    cast(as_of as timestamp) as as_of,
    cast(reference_as_of as timestamp) as compared_with,
    cast(people as bigint) as people,
    cast(earlier_people as bigint) as earlier_people,
    cast(bin_count as bigint) as bin_count,
    cast(psi as double precision) as psi,
    cast(threshold as double precision) as threshold,
    cast(is_drifted as boolean) as is_drifted
from {{ ref('int_feature_drift') }}
