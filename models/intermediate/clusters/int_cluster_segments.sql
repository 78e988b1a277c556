with last_labels as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('said_cluster_labels') }}
    where as_of <= {{ as_of() }}

),

-- every cluster, ended ones too, by the last fit that spoke of it
latest_fits as (

    select
        *,
        row_number() over (partition by store_id, segment_id order by as_of desc) as recency_rank
    from {{ ref('cluster_segments') }}
    where not is_trial and change_type <> 'skipped' and as_of <= {{ as_of() }}

),

fits as (

    select
        *,
        count(*) over (partition by store_id, is_current) as clusters
    from latest_fits
    where recency_rank = 1

),

-- means of the members, in the units of the features
means as (

    select
        store_id,
        segment_id,
        is_current,
        clusters,
        unnest(features) as feature,
        unnest(centre) as mean_value
    from fits

),

met as (

    select
        means.store_id,
        means.segment_id,
        rules.characteristic,
        -- what is true of all clusters of a store tells none from the others
        means.is_current and means.clusters > 1
        and count(*) over (partition by means.store_id, means.is_current, rules.characteristic) = means.clusters as is_of_all
    from means
    inner join {{ ref('cluster_characteristics') }} as rules on means.feature = rules.feature
    where
        (rules.operator = 'greater_than' and means.mean_value > rules.value)
        or (rules.operator = 'less_than' and means.mean_value < rules.value)

),

described as (

    select
        store_id,
        segment_id,
        array_agg(characteristic order by {{ byte_order('characteristic') }}) as traits,
        string_agg(case when not is_of_all then characteristic end, ', ' order by {{ byte_order('characteristic') }}) as told_traits
    from met
    group by store_id, segment_id

),

labelled as (

    select
        fits.*,
        -- a cluster that ended before labels were held against members has none
        coalesce(last_labels.segment_name, 'Former Cluster ' || cast(fits.segment_number as text)) as cluster_label,
        last_labels.interpretation,
        coalesce(described.traits, {{ text_list([]) }}) as traits,
        described.told_traits
    from fits
    left join last_labels
        on fits.store_id = last_labels.store_id and fits.segment_id = last_labels.segment_id and last_labels.recency_rank = 1
    left join described
        on fits.store_id = described.store_id and fits.segment_id = described.segment_id

),

-- what a segment of rules is called already
taken as (

    select distinct
        labelled.store_id,
        labelled.cluster_label
    from labelled
    inner join {{ ref('int_segments') }} as segments
        on lower(labelled.cluster_label) = lower(segments.name) and labelled.store_id = coalesce(segments.store_id, labelled.store_id)

)

select
    labelled.store_id,
    labelled.axis_name,
    labelled.segment_id,
    labelled.segment_id as segment_key,
    labelled.segment_number,
    labelled.segment_count,
    labelled.is_current,
    labelled.cluster_label,
    labelled.traits,
    labelled.features,
    labelled.transforms,
    labelled.scaler_mean,
    labelled.scaler_std,
    labelled.centre_scaled,
    labelled.centre,
    labelled.fuzzifier,
    labelled.population,
    labelled.sample_share,
    labelled.silhouette,
    labelled.is_low_quality,
    labelled.is_gradual,
    labelled.first_fitted_at,
    labelled.as_of as last_fitted_at,
    labelled.cluster_label || case when taken.cluster_label is not null then ' (by behavior)' else '' end as segment_name,
    'Automatically labeled' || coalesce(' based on ' || labelled.told_traits || ' characteristics', '') || '.'
    || coalesce(' ' || labelled.interpretation, '') as description
from labelled
left join taken on labelled.store_id = taken.store_id and labelled.cluster_label = taken.cluster_label
