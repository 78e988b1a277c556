{{ config(post_hook="{{ ensure_index(['store_id', 'customer_id']) }}") }}

-- depends_on: {{ ref('int_valid_rules') }}
{%- set rules = rules_of(['action']) %}
{%- set actions, reasons, of_products = [], [], [] %}
{%- for owner in rules | groupby('owner_id') %}
    {%- set store = owner.list[0].only_store_id %}
    {%- set within = 'profiles.store_id = ' ~ sql_text(store) ~ ' and ' if store else '' %}
    {%- set met = 'case when ' ~ within ~ rules_joined(owner.list, 'profiles') ~ ' then ' %}
    {%- set said = [] %}
    {%- for rule in owner.list %}{%- do said.append(rule_reason(rule, 'profiles')) %}{%- endfor %}
    {%- if owner.list | selectattr('field', 'in', ['replenishment_ratio', 'replenishment_product']) | list %}
        {%- do of_products.append(owner.grouper) %}
    {%- endif %}
    {%- do actions.append(met ~ sql_text(owner.grouper) ~ ' end') %}
    {%- do reasons.append(met ~ "concat_ws('; ', " ~ said | join(', ') ~ ') end') %}
{%- endfor %}

with profiles as (

    select
        facts.*,
        results.wtp_score,
        results.lead_score,
        results.health_score,
        results.risk_score,
        results.journey_stage,
        results.journey_stage_entered_at,
        results.lifecycle_stage,
        more.segments,
        more.axis_membership,
        more.axis_membership_keys,
        more.replenishment_ratio,
        more.replenishment_product,
        more.replenishment_product_id,
        more.last_ticket_at,
        contacts.email_identifier,
        contacts.phone_identifier
    from {{ ref('int_profile_facts') }} as facts
    inner join {{ ref('int_rule_results') }} as results
        on facts.store_id = results.store_id and facts.customer_id = results.customer_id
    inner join {{ ref('int_action_facts') }} as more on facts.store_id = more.store_id and facts.customer_id = more.customer_id
    left join {{ ref('int_contact_permissions') }} as contacts
        on facts.store_id = contacts.store_id and facts.customer_id = contacts.customer_id
    where not coalesce(contacts.do_not_track, facts.do_not_track, false)

),

-- which ask nobody back
closed_stores as (

    select store_id
    from {{ ref('int_profile_facts') }}
    group by store_id
    having {{ has_closed('max(last_order_at)', as_of()) }}

),

met as (

    select
        profiles.store_id,
        profiles.customer_id,
        profiles.do_not_track,
        profiles.is_unsubscribed,
        profiles.email_subscribed,
        profiles.sms_subscribed,
        profiles.gdpr_consent,
        profiles.email_identifier,
        profiles.phone_identifier,
        profiles.last_order_at,
        profiles.last_ticket_at,
        profiles.replenishment_product_id as product_id,
        profiles.replenishment_product as product_name,
        profiles.total_revenue,
        profiles.churn_probability,
        unnest(cast(array[{{ actions | join(', ') }}] as text[])) as action_id,
        unnest(cast(array[{{ reasons | join(', ') }}] as text[])) as reason
    from profiles
    left join {{ ref('int_behavior_rules_met') }} as behaviors
        on profiles.store_id = behaviors.store_id and profiles.customer_id = behaviors.customer_id

)

select
    met.store_id,
    met.customer_id,
    met.action_id,
    actions.channel,
    actions.urgency,
    actions.priority,
    actions.cooldown_days,
    actions.quiet_days,
    actions.holdout_share,
    -- nobody is contacted by what the shop shows on its own site, or by how a ticket is routed
    actions.channel in ('website', 'ticket')
    or {{ contact_refusal('met', 'actions.channel', "actions.channel in ('phone', 'push', 'ads')") | indent(4) }} is null as has_consent,
    -- who has just ordered, or has just asked for help, is left alone
    coalesce(met.last_order_at > {{ as_of() }} - actions.quiet_after_order_days * interval '1 day', false)
    or coalesce(met.last_ticket_at > {{ as_of() }} - actions.quiet_after_ticket_days * interval '1 day', false)
    or (actions.channel <> 'ticket' and closed_stores.store_id is not null) as is_quiet,
    met.reason,
    case when met.action_id in {{ sql_list(of_products) }} then met.product_id end as product_id,
    case when met.action_id in {{ sql_list(of_products) }} then met.product_name end as product_name,
    met.total_revenue,
    met.churn_probability
from met
inner join {{ ref('int_actions_in_force') }} as actions on met.action_id = actions.action_id
left join closed_stores on met.store_id = closed_stores.store_id
-- what has no way to somebody is nothing to do
where {{ has_address('met', 'actions.channel') }}
