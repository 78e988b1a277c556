{{ config(
    materialized='incremental',
    incremental_strategy='replace',
    on_schema_change='append_new_columns',
    meta={'replaces': 'true'},
    post_hook=["{{ ensure_index(['store_id', 'identifier']) }}", "{{ ensure_index(['store_id', 'customer_id']) }}"]
) }}

with seen as (

    select
        store_id,
        'customer:' || source_customer_id as identifier
    from {{ ref('stg_customers') }}
    union
    select
        store_id,
        'customer:' || source_customer_id as identifier
    from {{ ref('stg_orders') }}
    where source_customer_id is not null
    union
    select
        store_id,
        'email:' || email as identifier
    from {{ ref('stg_orders') }}
    where source_customer_id is null and email is not null
    union
    select
        store_id,
        'customer:' || source_customer_id as identifier
    from {{ ref('stg_refunds') }}
    where source_customer_id is not null
    union
    select
        store_id,
        case
            when source_customer_id is not null then 'customer:' || source_customer_id
            else 'email:' || email
        end as identifier
    from {{ ref('stg_support_tickets') }}
    where source_customer_id is not null or email is not null
    union
    select
        store_id,
        person_identifier as identifier
    from {{ ref('int_sessions') }}
    where person_identifier is not null

)

select
    store_id,
    identifier,
    split_part(identifier, ':', 1) as identifier_type,
    substring(identifier from position(':' in identifier) + 1) as identifier_value,
    -- a customer's own id is the person's id; anything else keeps its kind in front
    case
        when identifier like 'customer:%' then substring(identifier from position(':' in identifier) + 1)
        else identifier
    end as customer_id
from seen
