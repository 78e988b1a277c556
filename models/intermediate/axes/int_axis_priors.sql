{%- set rates = axis_rates() %}
{%- set counted = rates | rejectattr('kind', 'equalto', 'share') | list -%}

with people as (

    -- one row for each feature of a person
    select
        store_id,
        unnest({{ text_list(rates | map(attribute='feature') | list) }}) as feature,
        unnest({{ text_list(rates | map(attribute='like') | list) }}) as like_feature,
        unnest({{ text_list(rates | map(attribute='kind') | list) }}) as kind,
        unnest(array[
            {%- for rate in rates %}
                cast({{ rate.count }} as double precision){{ ',' if not loop.last }}
            {%- endfor %}
        ]) as rate_count,
        unnest(array[
            {%- for rate in rates %}
                cast({{ rate.exposure }} as double precision){{ ',' if not loop.last }}
            {%- endfor %}
        ]) as exposure
    from {{ ref('int_axis_observations') }}

),

counts as (

    select
        store_id,
        unnest({{ text_list(counted | map(attribute='feature') | list) }}) as feature,
        unnest(array[
            {%- for rate in counted %}
                cast({{ rate.count }} as double precision){{ ',' if not loop.last }}
            {%- endfor %}
        ]) as rate_count
    from {{ ref('int_axis_observations') }}

),

tops as (

    -- an account that a whole counter books on is no person: more than ten times the count of the store's top tenth is that much
    select
        store_id,
        feature,
        coalesce(10 * percentile_disc(0.9) within group (order by nullif(rate_count, 0)), 0) as top_count
    from counts
    group by store_id, feature

),

trials as (

    -- who was seen for less than one of anything says nothing of it; nobody counts for more than twelve trials of a share, or gaps,
    -- and one trial says nothing of how people differ
    select
        people.*,
        case when people.kind = 'rate' then people.exposure else least(people.exposure, 12) end as weight,
        case
            when people.kind = 'rate' then people.exposure
            when people.kind = 'time' or {{ are_several('people.exposure') }} then least(people.exposure, 12)
        end as several_weight,
        least(people.rate_count, tops.top_count) / people.exposure as rate
    from people
    left join tops on people.store_id = tops.store_id and people.feature = tops.feature
    where people.rate_count is not null and people.exposure >= 1

),

features as (

    select
        store_id,
        feature,
        like_feature,
        kind,
        count(*) as customers,
        {{ ratio(exact_sum('weight * rate'), exact_sum('weight')) }} as mean_rate,
        {{ ratio(exact_sum('several_weight * rate'), exact_sum('several_weight')) }} as mean_of_several,
        {{ exact_sum('several_weight') }} as weights,
        {{ exact_sum('several_weight * rate') }} as weighted,
        {{ exact_sum('several_weight * rate * rate') }} as squares,
        {{ exact_sum('several_weight / exposure') }} as parts
    from trials
    group by store_id, feature, like_feature, kind

),

variations as (

    -- what the rates vary by, and what the rate of one person varies by: a gap by its square, as times of a Poisson process do
    select
        *,
        squares - weighted * mean_of_several as variation,
        case kind
            when 'share' then mean_of_several * (1 - mean_of_several)
            when 'time' then mean_of_several * mean_of_several
            else mean_of_several
        end as variance
    from features
    where mean_rate is not null

),

differences as (

    -- what is left is how much people differ
    select
        *,
        {{ ratio(
            'variation - variance * parts', "case kind when 'share' then weights - parts when 'time' then weights + parts else weights end"
        ) }} as difference
    from variations

),

strengths as (

    -- in trials, or in the units of the exposure: Beta (variance / difference - 1), Gamma (mean / difference), and of gaps the
    -- inverse Gamma (variance / difference + 1); nothing says that people differ where that is not above 0
    select
        *,
        case
            when difference > 0 and kind = 'share' then variance / difference - 1
            when difference > 0 and kind = 'time' then variance / difference + 1
            when difference > 0 then mean_of_several / difference
            else 1000000000
        end as strength
    from differences

)

select
    own.store_id,
    own.feature,
    own.kind,
    own.customers,
    {{ round_to('own.mean_rate', 9) }} as mean_rate,
    -- a prior of gaps is 0.5 to 50 gaps, and counts their days
    case
        when own.kind = 'time' then {{ round_to('own.mean_rate * least(greatest(own.strength, 0.5), 50)', 9) }}
        -- parts of orders differ by less than a toss of a coin, so that they say nothing themselves of how much people differ
        when own.feature <> own.like_feature and alike.strength is null then 0.5
        else {{ round_to('least(greatest(own.mean_rate * coalesce(alike.strength, own.strength), 0.5), 50)', 9) }}
    end as prior_strength
from strengths as own
left join strengths as alike
    on own.store_id = alike.store_id and own.like_feature = alike.feature and alike.mean_rate > 0
