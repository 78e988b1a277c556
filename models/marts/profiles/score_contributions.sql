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

scored as (

    select
        facts.*,
        results.wtp_score
    from {{ ref('int_profile_facts') }} as facts
    inner join {{ ref('int_rule_results') }} as results
        on facts.store_id = results.store_id and facts.customer_id = results.customer_id

),

second_points as (

    {{ score_points(rules | selectattr('owner_level', 'equalto', 3) | list, 'scored') }}

),

engagement_points as (

    select
        store_id,
        customer_id,
        'engagement' as score,
        unnest(array['{{ engagement | join("', '") }}']) as rule_id,
        unnest(array[{{ engagement | join(', ') }}]) as contribution
    from {{ ref('int_engagement_scores') }}

)

select
    cast(points.store_id as text) as store_id,
    cast(points.customer_id as text) as customer_id,
    cast(points.score as text) as score,
    cast(points.rule_id as text) as rule_id,
    cast(points.contribution as bigint) as contribution
from (
    select * from first_points
    union all
    select * from second_points
    union all
    select * from engagement_points
    where contribution <> 0
) as points
