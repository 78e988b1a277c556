with axes as (

    select
        axis_number,
        axis_name,
        min(axis_group) as axis_group,
        max(case when is_lead = 'true' then feature end) as lead_feature
    from {{ ref('axes') }}
    where is_enabled = 'true'
    group by axis_number, axis_name

),

-- every segment by the last fit that spoke of it
latest_fits as (

    select
        *,
        row_number() over (partition by store_id, axis_name, segment_id order by as_of desc) as recency_rank
    from {{ ref('axis_segments') }}
    where not is_trial and change_type <> 'skipped' and as_of <= {{ as_of() }}

),

segments as (

    select
        latest_fits.*,
        axes.axis_number,
        axes.axis_group,
        axes.lead_feature,
        latest_fits.is_current and axes.axis_name is not null as is_in_use
    from latest_fits
    left join axes on latest_fits.axis_name = axes.axis_name
    where latest_fits.recency_rank = 1

),

ranked as (

    -- the words of the ends speak of the lead: where it does not set the segments apart, another feature ranks them
    select
        *,
        coalesce(
            features[1] = lead_feature
            and max(centre_scaled[1]) over (partition by store_id, axis_name, is_in_use)
            - min(centre_scaled[1]) over (partition by store_id, axis_name, is_in_use) >= 0.25,
            true
        ) as is_ranked_by_lead
    from segments

)

select
    segments.store_id,
    segments.axis_number,
    segments.axis_group,
    segments.axis_name,
    segments.segment_id,
    segments.segment_number,
    segments.segment_count,
    segments.is_in_use as is_current,
    segments.change_type,
    segments.features,
    segments.transforms,
    segments.scaler_mean,
    segments.scaler_std,
    segments.centre_scaled,
    segments.centre,
    segments.fuzzifier,
    segments.population,
    segments.sample_size,
    segments.sample_share,
    segments.silhouette,
    segments.silhouettes,
    segments.is_low_quality,
    segments.is_gradual,
    segments.first_fitted_at,
    segments.as_of as last_fitted_at,
    births.segment_name || coalesce('_' || cast(segments.name_suffix as text), '') as earlier_name,
    case
        when segments.is_in_use then segments.axis_name || ':' || case
            when segments.is_ranked_by_lead and segments.segment_number = 1 then words.low_word
            when segments.is_ranked_by_lead and segments.segment_number = segments.segment_count then words.high_word
            else cast(segments.segment_number as text)
        end
    end as segment_key,
    -- where its membership stands in a person's fingerprint
    case
        when segments.is_in_use then row_number() over (
            partition by segments.store_id, segments.is_in_use
            order by segments.axis_number, segments.segment_number
        )
    end as fingerprint_position
from ranked as segments
left join {{ ref('earlier_segment_names') }} as births
    on
        segments.axis_name = births.axis_name
        and segments.name_k = births.segment_count
        and segments.name_rank = births.segment_number
left join {{ ref('axis_words') }} as words on segments.axis_name = words.axis_name
