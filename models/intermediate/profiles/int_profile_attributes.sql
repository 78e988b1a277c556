-- depends_on: {{ ref('int_valid_rules') }}
{%- set stages = rules_of(['lifecycle']) | groupby('priority') %}

with scores as (

    select
        store_id,
        customer_id,
        max(case when score = 'wtp' then score_value end) as wtp_score,
        max(case when score = 'lead' then score_value end) as lead_score,
        max(case when score = 'health' then score_value end) as health_score
    from {{ ref('int_scores') }}
    group by store_id, customer_id

),

facts as (

    select
        facts.*,
        scores.wtp_score,
        scores.lead_score,
        scores.health_score,
        journeys.stage as journey_stage,
        journeys.entered_at as journey_stage_entered_at
    from {{ ref('int_profile_facts') }} as facts
    left join scores on facts.store_id = scores.store_id and facts.customer_id = scores.customer_id
    left join {{ ref('int_journey_stages') }} as journeys
        on facts.store_id = journeys.store_id and facts.customer_id = journeys.customer_id and journeys.is_current

)

select
    facts.*,
    {{ round_to('(facts.churn_probability + 1 - facts.health_score / cast(100 as double precision)) / 2', 6) }} as risk_score,
    -- the highest stage whose rules are met
    case
        {%- for stage in stages | reverse %}
            when {{ rules_joined(stage.list, 'facts') }} then {{ sql_text(stage.list[0].owner_id) }}
        {%- endfor %}
        {%- if not stages %}
            when false then null
        {%- endif %}
        else 'anonymous'
    end as lifecycle_stage
from facts
