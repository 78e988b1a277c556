-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = rules_of(['score']) %}
{%- set engagement = [
    'engagement_recency', 'engagement_frequency', 'engagement_purchase', 'engagement_email_click', 'engagement_article_read',
    'engagement_video_watch', 'engagement_download'
] %}

-- scores of the first level, and then those whose rules may name them
with first_points as (

    {{ score_points(rules | selectattr('owner_level', 'equalto', 2) | list, ref('int_profile_facts')) }}

),

first_scores as (

    {{ score_totals('first_points') }}

),

facts as (

    select
        facts.*,
        coalesce(scores.score_value, wtp.base) as wtp_score
    from {{ ref('int_profile_facts') }} as facts
    left join {{ ref('scores') }} as wtp on wtp.score = 'wtp'
    left join first_scores as scores
        on facts.store_id = scores.store_id and facts.customer_id = scores.customer_id and scores.score = 'wtp'

),

second_points as (

    {{ score_points(rules | selectattr('owner_level', 'equalto', 3) | list, 'facts') }}

)

select * from first_points
union all
select * from second_points
union all
select
    store_id,
    customer_id,
    'engagement' as score,
    rule_id,
    cast(points as bigint) as contribution
from (
    select
        store_id,
        customer_id,
        unnest(array['{{ engagement | join("', '") }}']) as rule_id,
        unnest(array[{{ engagement | join(', ') }}]) as points
    from {{ ref('int_engagement_scores') }}
) as parts
where points <> 0
