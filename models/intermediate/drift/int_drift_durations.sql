-- the four weeks before it was first seen, in which it may have begun, and all days since
with days as (

    select
        episodes.alert_id,
        episodes.direction,
        episodes.first_seen_on,
        episodes.since_date as found_since,
        episodes.activity_date as last_found_on,
        surprises.activity_date,
        surprises.observed_1 as observed,
        surprises.exposure_1 as exposure,
        surprises.expected_1 as expected,
        extract(isodow from surprises.activity_date) as day_of_week,
        episodes.direction * coalesce(surprises.surprise_1, 0) as surprise
    from {{ ref('int_drift_episodes') }} as episodes
    inner join {{ ref('int_drift_surprises') }} as surprises
        on
            episodes.store_id = surprises.store_id
            and episodes.subject = surprises.segment_id
            and episodes.metric = surprises.metric
            and surprises.activity_date >= episodes.first_seen_on - 27

),

-- a day that is half as far off as it was when it was found, or more, is of it (Page 1954)
excesses as (

    select
        *,
        surprise - avg(case when activity_date >= found_since then surprise end) over (partition by alert_id) / 2 as excess
    from days
    where activity_date <= first_seen_on

),

sums as (

    select
        alert_id,
        activity_date as since_date,
        {{ round_to('sum(excess) over (partition by alert_id order by activity_date desc)', 6) }} as excess
    from excesses

),

-- it began on the day from which on most has come together
starts as (

    select
        alert_id,
        since_date,
        row_number() over (partition by alert_id order by excess desc, since_date desc) as start_rank
    from sums

),

-- what was expected of its first week, without it, is what is usual, until eight weeks are over
usual as (

    select
        days.*,
        starts.since_date,
        days.exposure * max(
            case when days.activity_date < starts.since_date + 7 then {{ ratio('days.expected', 'days.exposure') }} end
        ) over (partition by days.alert_id, days.day_of_week) as usual
    from days
    inner join starts on days.alert_id = starts.alert_id and starts.start_rank = 1
    where days.activity_date between starts.since_date and starts.since_date + 55

),

changes as (

    select
        *,
        direction * ({{ ratio('sum(observed) over last_week', 'sum(usual) over last_week') }} - 1) as change_of_week,
        direction * ({{ ratio('sum(observed) over so_far', 'sum(usual) over so_far') }} - 1) as change_so_far
    from usual
    window
        last_week as (partition by alert_id order by activity_date rows between 6 preceding and current row),
        so_far as (partition by alert_id order by activity_date rows between unbounded preceding and current row)

),

as_seen as (

    select
        *,
        max(case when activity_date = first_seen_on then change_so_far end) over (partition by alert_id) as change_seen
    from changes

),

-- it is over when a week is nearer to what is usual than to what was seen
durations as (

    select
        alert_id,
        since_date,
        max(activity_date) as last_date,
        min(case
            when activity_date > last_found_on and not coalesce(change_of_week >= change_seen / 2, false) then activity_date
        end) as over_date
    from as_seen
    group by alert_id, since_date

),

dated as (

    select
        episodes.alert_id,
        episodes.store_id,
        episodes.scope,
        episodes.subject,
        episodes.metric,
        episodes.direction,
        episodes.activity_date,
        episodes.first_seen_on,
        episodes.span_days,
        episodes.exposure,
        episodes.observed,
        episodes.expected,
        episodes.z_score,
        episodes.p_value,
        episodes.tests,
        coalesce(durations.since_date, episodes.since_date) as since_date,
        greatest(episodes.activity_date, coalesce(durations.over_date - 1, durations.last_date)) as until_date
    from {{ ref('int_drift_episodes') }} as episodes
    left join durations on episodes.alert_id = durations.alert_id

)

select dated.*
from dated
-- what is found again while it lasts is the same
left join dated as earlier
    on
        dated.store_id = earlier.store_id
        and dated.subject = earlier.subject
        and dated.metric = earlier.metric
        and dated.direction = earlier.direction
        and dated.first_seen_on > earlier.first_seen_on
        and dated.activity_date <= earlier.until_date
where earlier.store_id is null
