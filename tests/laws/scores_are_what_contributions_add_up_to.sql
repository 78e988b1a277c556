-- If this fails, somebody's score is another than score_contributions explains: its base and its points, within its limits.
with contributions as (

    select
        store_id,
        customer_id,
        score,
        sum(contribution) as points
    from {{ ref('score_contributions') }}
    group by store_id, customer_id, score

),

people as (

    {%- for score in ['wtp', 'lead', 'health'] %}
        select
            store_id,
            customer_id,
            '{{ score }}' as score,
            {{ score }}_score as score_value
        from {{ ref('int_rule_results') }}
        {%- if not loop.last %}
            union all
        {%- endif %}
    {%- endfor %}

)

select
    people.store_id,
    people.customer_id,
    people.score,
    people.score_value
from people
left join {{ ref('scores') }} as scores on people.score = scores.score
left join contributions
    on people.store_id = contributions.store_id and people.customer_id = contributions.customer_id and people.score = contributions.score
where
    people.score_value is distinct from greatest(scores.min_score, least(scores.max_score, scores.base + coalesce(contributions.points, 0)))
