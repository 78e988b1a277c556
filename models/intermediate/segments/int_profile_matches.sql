-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = rules_of(['segment', 'cohort_entry', 'cohort_exit']) %}
{%- set owners_met, rules_met = [], [] %}
{%- for rule in rules %}
    {%- do rules_met.append('case when ' ~ rule_condition(rule, 'attributes') ~ ' then ' ~ sql_text(rule.rule_id) ~ ' end') %}
{%- endfor %}
{%- for kind in ['segment', 'cohort_entry', 'cohort_exit'] %}
    {%- for owner in rules | selectattr('rule_kind', 'equalto', kind) | list | groupby('owner_id') %}
        {%- set store = owner.list[0].only_store_id %}
        {%- set within = 'attributes.store_id = ' ~ sql_text(store) ~ ' and ' if store else '' %}
        {%- set condition = within ~ rules_joined(owner.list, 'attributes') %}
        {%- do owners_met.append('case when ' ~ condition ~ ' then ' ~ sql_text(kind ~ ':' ~ owner.grouper) ~ ' end') %}
    {%- endfor %}
{%- endfor %}

-- conditions stand where they are used, since no table has columns for thousands of rules
select
    attributes.store_id,
    attributes.customer_id,
    -- kind and id of all whose conditions the person meets, and the rules that say so
    {{ texts_joined(owners_met) }} as meets,
    {{ texts_joined(rules_met) }} as rules_met
from {{ ref('int_profile_attributes') }} as attributes
left join {{ ref('int_behavior_rules_met') }} as behaviors
    on attributes.store_id = behaviors.store_id and attributes.customer_id = behaviors.customer_id
