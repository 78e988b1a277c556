with people as (

    select distinct
        store_id,
        customer_id
    from {{ ref('int_export_permissions') }}
    where is_allowed

),

told as (

    -- what a tool may be told; estimates move a little every night, and are told in steps so that not everybody changes every night
    select
        people.store_id,
        people.customer_id,
        customers.first_name,
        customers.last_name,
        customers.city,
        customers.country,
        customers.locale,
        customers.timezone,
        results.lifecycle_stage,
        facts.rfm_segment,
        facts.rfm_code,
        facts.total_orders,
        cast(facts.total_revenue as numeric(18, 2)) as total_revenue,
        cast(facts.average_order_value as numeric(18, 2)) as average_order_value,
        cast(facts.first_order_at as date) as first_order_on,
        cast(facts.last_order_at as date) as last_order_on,
        {{ in_steps('facts.predicted_ltv') }} as predicted_value,
        cast({{ round_to('facts.churn_probability', 1) }} as numeric(3, 1)) as churn_risk
    from people
    inner join {{ ref('int_customers') }} as customers
        on people.store_id = customers.store_id and people.customer_id = customers.customer_id
    inner join {{ ref('int_profile_facts') }} as facts
        on people.store_id = facts.store_id and people.customer_id = facts.customer_id
    inner join {{ ref('int_rule_results') }} as results
        on people.store_id = results.store_id and people.customer_id = results.customer_id

)

select
    store_id,
    customer_id,
    first_name,
    last_name,
    city,
    country,
    locale,
    timezone,
    {{ json_object({
        'lifecycle_stage': 'lifecycle_stage', 'rfm_segment': 'rfm_segment', 'rfm_code': 'rfm_code', 'total_orders': 'total_orders',
        'total_revenue': 'total_revenue', 'average_order_value': 'average_order_value',
        'first_order_on': 'cast(first_order_on as text)', 'last_order_on': 'cast(last_order_on as text)',
        'predicted_value': 'predicted_value', 'churn_risk': 'churn_risk'
    }) }} as attributes,
    md5({{ composed_key([
        'first_name', 'last_name', 'city', 'country', 'locale', 'timezone', 'lifecycle_stage', 'rfm_segment', 'rfm_code',
        'cast(total_orders as text)', 'cast(total_revenue as text)', 'cast(average_order_value as text)',
        'cast(first_order_on as text)', 'cast(last_order_on as text)', 'cast(predicted_value as text)', 'cast(churn_risk as text)'
    ]) }}) as profile_hash
from told
