-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = rules_of(['score', 'lifecycle', 'segment', 'cohort_entry', 'cohort_exit']) %}
{%- set scores = rules | selectattr('rule_kind', 'equalto', 'score') | list %}
{%- set stages = rules | selectattr('rule_kind', 'equalto', 'lifecycle') | list | groupby('priority') %}
{%- set rules = rules | rejectattr('rule_kind', 'in', ['score', 'lifecycle']) | list %}
{%- set owners_met, rules_met = [], [] %}
{%- for rule in rules %}
    {%- do rules_met.append('case when ' ~ rule_condition(rule, 'profiles') ~ ' then ' ~ sql_text(rule.rule_id) ~ ' end') %}
{%- endfor %}
{%- for kind in ['segment', 'cohort_entry', 'cohort_exit'] %}
    {%- for owner in rules | selectattr('rule_kind', 'equalto', kind) | list | groupby('owner_id') %}
        {%- set store = owner.list[0].only_store_id %}
        {%- set within = 'profiles.store_id = ' ~ sql_text(store) ~ ' and ' if store else '' %}
        {%- set condition = within ~ rules_joined(owner.list, 'profiles') %}
        {%- do owners_met.append('case when ' ~ condition ~ ' then ' ~ sql_text(kind ~ ':' ~ owner.grouper) ~ ' end') %}
    {%- endfor %}
{%- endfor %}

with valued as (

    select
        facts.*,
        journeys.stage as journey_stage,
        journeys.entered_at as journey_stage_entered_at,
        {{ score_value(scores, 'wtp') }} as wtp_score
    from {{ ref('int_profile_facts') }} as facts
    left join {{ ref('scores') }} as wtp on wtp.score = 'wtp'
    left join {{ ref('int_journey_stages') }} as journeys
        on facts.store_id = journeys.store_id and facts.customer_id = journeys.customer_id and journeys.is_current

),

scored as (

    -- these scores may ask for the first
    select
        facts.*,
        {{ score_value(scores, 'lead') }} as lead_score,
        {{ score_value(scores, 'health') }} as health_score
    from valued as facts
    left join {{ ref('scores') }} as lead on lead.score = 'lead'
    left join {{ ref('scores') }} as health on health.score = 'health'

),

rated as (

    select
        *,
        {{ round_to('(churn_probability + 1 - health_score / cast(100 as double precision)) / 2', 6) }} as risk_score
    from scored

)

-- conditions stand where they are used, since no table has columns for thousands of rules
select
    profiles.store_id,
    profiles.customer_id,
    profiles.wtp_score,
    profiles.lead_score,
    profiles.health_score,
    profiles.risk_score,
    profiles.journey_stage,
    profiles.journey_stage_entered_at,
    profiles.lifecycle_stage,
    -- kind and id of all whose conditions the person meets, and the rules that say so
    {{ texts_joined(owners_met) }} as meets,
    {{ texts_joined(rules_met) }} as rules_met
from (
    {{ computed_once() }}
    select
        rated.*,
        -- the highest stage whose rules are met
        case
            {%- for stage in stages | reverse %}
                when {{ rules_joined(stage.list, 'rated') }} then {{ sql_text(stage.list[0].owner_id) }}
            {%- endfor %}
            {%- if not stages %}
                when false then null
            {%- endif %}
            else 'anonymous'
        end as lifecycle_stage
    from rated
) as profiles
left join {{ ref('int_behavior_rules_met') }} as behaviors
    on profiles.store_id = behaviors.store_id and profiles.customer_id = behaviors.customer_id
