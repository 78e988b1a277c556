{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    on_schema_change='append_new_columns',
    meta={'replaces': 'true'}
) }}

with last_words as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as place_from_end
    from {{ ref('cluster_segments') }}
    where not is_trial and change_type <> 'skipped' and as_of <= {{ as_of() }}

),

clusters as (

    select * from last_words
    where place_from_end = 1

),

-- means of the members, in the units of the features
means as (

    select
        store_id,
        segment_id,
        unnest(features) as feature,
        unnest(centre) as mean_value
    from clusters

),

characteristics as (

    select
        means.store_id,
        means.segment_id,
        array_agg(rules.characteristic order by {{ byte_order('rules.characteristic') }}) as characteristics
    from means
    inner join {{ ref('cluster_characteristics') }} as rules on means.feature = rules.feature
    where
        (rules.operator = 'greater_than' and means.mean_value > rules.value)
        or (rules.operator = 'less_than' and means.mean_value < rules.value)
    group by means.store_id, means.segment_id

),

labelled as (

    select
        characteristics.store_id,
        characteristics.segment_id,
        labels.label,
        row_number() over (
            partition by characteristics.store_id, characteristics.segment_id
            order by labels.priority, {{ byte_order('labels.label_id') }}
        ) as place
    from characteristics
    inner join {{ ref('cluster_labels') }} as labels
        on
            characteristics.characteristics @> string_to_array(labels.all_of, ' ')
            and not characteristics.characteristics && string_to_array(coalesce(labels.none_of, ''), ' ')

),

named as (

    select
        clusters.*,
        coalesce(labelled.label, 'Unknown Segment') as label,
        coalesce(characteristics.characteristics, {{ text_list([]) }}) as characteristics,
        row_number() over (
            partition by clusters.store_id, clusters.is_current, coalesce(labelled.label, 'Unknown Segment')
            order by clusters.sample_share desc, {{ byte_order('clusters.segment_id') }}
        ) as place_in_label
    from clusters
    left join characteristics
        on clusters.store_id = characteristics.store_id and clusters.segment_id = characteristics.segment_id
    left join labelled
        on clusters.store_id = labelled.store_id and clusters.segment_id = labelled.segment_id and labelled.place = 1

)

select
    store_id,
    axis_name,
    segment_id,
    segment_id as segment_key,
    segment_number,
    segment_count,
    is_current,
    -- of two clusters with one label the larger has it as it is
    label || case when is_current and place_in_label > 1 then ' ' || cast(place_in_label as text) else '' end as segment_name,
    label,
    'Automatically labeled based on '
    || case when array_length(characteristics, 1) > 0 then array_to_string(characteristics, ', ') else 'no' end
    || ' characteristics' as description,
    characteristics,
    features,
    transforms,
    scaler_mean,
    scaler_std,
    centre_scaled,
    centre,
    fuzzifier,
    population,
    sample_share,
    silhouette,
    is_low_quality,
    first_fitted_at,
    as_of as last_fitted_at
from named
