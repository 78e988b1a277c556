{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    meta={'is_ledger': true}
) }}

-- rows come from the operation forget_customer alone
select
    cast(null as text) as store_id,
    cast(null as text) as identifier_type,
    cast(null as text) as tombstone,
    cast(null as timestamp) as as_of
where false
