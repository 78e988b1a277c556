-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = rules_of(['segment', 'cohort_entry', 'cohort_exit']) %}
{%- set owners_met, rules_met = [], [] %}
{%- for rule in rules %}
    {%- do rules_met.append('case when "' ~ rule.rule_id ~ '" then ' ~ sql_text(rule.rule_id) ~ ' end') %}
{%- endfor %}
{%- for kind in ['segment', 'cohort_entry', 'cohort_exit'] %}
    {%- for owner in rules | selectattr('rule_kind', 'equalto', kind) | list | groupby('owner_id') %}
        {%- set store = owner.list[0].only_store_id %}
        {%- set condition = ('store_id = ' ~ sql_text(store) ~ ' and ' if store else '') ~ rules_joined(owner.list) %}
        {%- do owners_met.append('case when ' ~ condition ~ ' then ' ~ sql_text(kind ~ ':' ~ owner.grouper) ~ ' end') %}
    {%- endfor %}
{%- endfor %}

with rules as (

    select
        attributes.store_id,
        attributes.customer_id,
        {%- for rule in rules %}
            {% if rule.is_behavior -%}
                {{ 'not ' if rule.operator == 'did_not' }}coalesce('{{ rule.rule_id }}' = any(behaviors.rules_met), false)
            {%- else -%}
                coalesce({{ rule_condition(rule, 'attributes') }}, false)
            {%- endif %} as "{{ rule.rule_id }}",
        {%- endfor %}
        behaviors.rules_met is not null as has_behaved
    from {{ ref('int_profile_attributes') }} as attributes
    left join {{ ref('int_behavior_rules_met') }} as behaviors
        on attributes.store_id = behaviors.store_id and attributes.customer_id = behaviors.customer_id

)

select
    store_id,
    customer_id,
    -- kind and id of all whose conditions the person meets, and the rules that say so
    {{ texts_joined(owners_met) }} as meets,
    {{ texts_joined(rules_met) }} as rules_met
from rules
