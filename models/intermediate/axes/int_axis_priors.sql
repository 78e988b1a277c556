{%- set rates = axis_rates() -%}

with people as (

    -- who was seen for less than one of anything says nothing of it
    select
        {%- for rate in rates %}
            cast({{ rate.count }} as double precision) as {{ rate.feature }}_count,
            case
                when {{ rate.count }} is not null and {{ rate.exposure }} >= 1 then cast({{ rate.exposure }} as double precision)
            end as {{ rate.feature }}_exposure,
        {%- endfor %}
        store_id
    from {{ ref('int_axis_observations') }}

),

tops as (

    -- an account that a whole counter books on is no person: more than ten times the count of the store's top tenth is that much
    select
        {%- for rate in rates if rate.kind != 'share' %}
            coalesce(10 * percentile_disc(0.9) within group (order by nullif({{ rate.feature }}_count, 0)), 0) as {{ rate.feature }}_top,
        {%- endfor %}
        store_id
    from people
    group by store_id

),

trials as (

    -- nobody counts for more than twelve trials of a share, or gaps, and one trial says nothing of how people differ
    select
        {%- for rate in rates %}
            {%- set name = rate.feature %}
            {%- if rate.kind == 'share' %}
                case when {{ name }}_exposure > 12 then 12 else {{ name }}_exposure end as {{ name }}_weight,
                case when {{ are_several(name ~ '_exposure') }} then least({{ name }}_exposure, 12) end as {{ name }}_several,
                {{ name }}_count / {{ name }}_exposure as {{ name }},
            {%- else %}
                {%- set capped = 'case when ' ~ name ~ '_exposure > 12 then 12 else ' ~ name ~ '_exposure end' %}
                {%- set weight = name ~ '_exposure' if rate.kind == 'rate' else capped %}
                {{ weight }} as {{ name }}_weight,
                {{ weight }} as {{ name }}_several,
                least({{ name }}_count, {{ name }}_top) / {{ name }}_exposure as {{ name }},
            {%- endif %}
            {{ name }}_exposure,
        {%- endfor %}
        people.store_id
    from people
    inner join tops on people.store_id = tops.store_id

),

sums as (

    select
        {%- for sum, value in [
            ('all_weights', 'NAME_weight'), ('all_weighted', 'NAME_weight * NAME'),
            ('weights', 'NAME_several'), ('weighted', 'NAME_several * NAME'), ('squares', 'NAME_several * NAME * NAME'),
            ('parts', 'NAME_several / NAME_exposure')
        ] %}
            array[
                {%- for rate in rates %}
                    {{ exact_sum(value | replace('NAME', rate.feature)) }}{{ ',' if not loop.last }}
                {%- endfor %}
            ] as {{ sum }},
        {%- endfor %}
        array[
            {%- for rate in rates %}
                count({{ rate.feature }}){{ ',' if not loop.last }}
            {%- endfor %}
        ] as people,
        store_id
    from trials
    group by store_id

),

features as (

    select
        store_id,
        {%- for sum in ['people', 'all_weights', 'all_weighted', 'weights', 'weighted', 'squares', 'parts'] %}
            unnest({{ sum }}) as {{ sum }},
        {%- endfor %}
        unnest({{ text_list(rates | map(attribute='feature') | list) }}) as feature,
        unnest({{ text_list(rates | map(attribute='like') | list) }}) as like_feature,
        unnest({{ text_list(rates | map(attribute='kind') | list) }}) as kind
    from sums

),

means as (

    select
        *,
        all_weighted / all_weights as mean_rate,
        {{ ratio('weighted', 'weights') }} as mean_of_several
    from features
    where all_weights > 0

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
    from means

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
    own.people,
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
