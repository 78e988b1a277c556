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

traits as (

    select
        means.store_id,
        means.segment_id,
        rules.characteristic
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
        array_agg(characteristic order by {{ byte_order('characteristic') }}) as traits
    from traits
    group by store_id, segment_id

),

asked as (

    select
        label_id,
        priority,
        label as cluster_label,
        unnest(string_to_array(all_of, ' ')) as characteristic,
        true as is_wanted
    from {{ ref('cluster_labels') }}
    union all
    select
        label_id,
        priority,
        label as cluster_label,
        unnest(string_to_array(none_of, ' ')) as characteristic,
        false as is_wanted
    from {{ ref('cluster_labels') }}

),

fitting as (

    select
        clusters.store_id,
        clusters.segment_id,
        asked.label_id,
        asked.priority,
        asked.cluster_label
    from clusters
    cross join asked
    left join traits
        on
            clusters.store_id = traits.store_id
            and clusters.segment_id = traits.segment_id
            and asked.characteristic = traits.characteristic
    group by clusters.store_id, clusters.segment_id, asked.label_id, asked.priority, asked.cluster_label
    having bool_and((traits.characteristic is not null) = asked.is_wanted)

),

labelled as (

    select
        *,
        row_number() over (
            partition by store_id, segment_id
            order by priority, {{ byte_order('label_id') }}
        ) as place
    from fitting

),

-- what sets a cluster apart from the store's people, the most telling first; a quarter of a standard deviation is little
relative as (

    select
        places.store_id,
        places.segment_id,
        string_agg(rules.word, ' ' order by abs(places.z_score) desc, {{ byte_order('rules.characteristic') }}) || ' Customers'
            as relative_label,
        string_agg(rules.characteristic, ', ' order by abs(places.z_score) desc, {{ byte_order('rules.characteristic') }})
            as relative_traits
    from (
        select
            store_id,
            segment_id,
            unnest(features) as feature,
            unnest(centre_scaled) as z_score
        from clusters
    ) as places
    inner join {{ ref('cluster_characteristics') }} as rules on places.feature = rules.feature
    where
        (rules.operator = 'greater_than' and places.z_score >= 0.25)
        or (rules.operator = 'less_than' and places.z_score <= -0.25)
    group by places.store_id, places.segment_id

),

-- of two clusters that one label fits the larger has it
fitted as (

    select
        clusters.*,
        labelled.cluster_label,
        row_number() over (
            partition by clusters.store_id, clusters.is_current, labelled.cluster_label
            order by clusters.sample_share desc, {{ byte_order('clusters.segment_id') }}
        ) as place_in_label
    from clusters
    left join labelled
        on clusters.store_id = labelled.store_id and clusters.segment_id = labelled.segment_id and labelled.place = 1

),

chosen as (

    select
        fitted.*,
        relative.relative_traits,
        coalesce(described.traits, {{ text_list([]) }}) as traits,
        fitted.cluster_label is not null and (fitted.place_in_label = 1 or not fitted.is_current) as is_labelled,
        case
            when fitted.cluster_label is not null and (fitted.place_in_label = 1 or not fitted.is_current) then fitted.cluster_label
            else coalesce(relative.relative_label, 'Typical Customers')
        end as chosen_label
    from fitted
    left join described
        on fitted.store_id = described.store_id and fitted.segment_id = described.segment_id
    left join relative
        on fitted.store_id = relative.store_id and fitted.segment_id = relative.segment_id

),

named as (

    select
        *,
        row_number() over (
            partition by store_id, is_current, chosen_label
            order by sample_share desc, {{ byte_order('segment_id') }}
        ) as place_in_name
    from chosen

),

-- what a segment of rules is called already
taken as (

    select distinct
        chosen.store_id,
        chosen.chosen_label
    from chosen
    inner join {{ ref('int_segments') }} as segments
        on lower(chosen.chosen_label) = lower(segments.name) and chosen.store_id = coalesce(segments.store_id, chosen.store_id)

)

select
    named.store_id,
    named.axis_name,
    named.segment_id,
    named.segment_id as segment_key,
    named.segment_number,
    named.segment_count,
    named.is_current,
    named.chosen_label as cluster_label,
    named.traits,
    named.features,
    named.transforms,
    named.scaler_mean,
    named.scaler_std,
    named.centre_scaled,
    named.centre,
    named.fuzzifier,
    named.population,
    named.sample_share,
    named.silhouette,
    named.is_low_quality,
    named.is_gradual,
    named.first_fitted_at,
    named.as_of as last_fitted_at,
    named.chosen_label
    || case when taken.chosen_label is not null then ' (by behavior)' else '' end
    || case when named.is_current and named.place_in_name > 1 then ' ' || cast(named.place_in_name as text) else '' end as segment_name,
    'Automatically labeled based on '
    || case
        when named.is_labelled then array_to_string(named.traits, ', ') || ' characteristics'
        else coalesce(named.relative_traits, 'no') || ' characteristics, measured against the store'
    end as description
from named
left join taken on named.store_id = taken.store_id and named.chosen_label = taken.chosen_label
