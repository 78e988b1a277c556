{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    meta={'is_ledger': true}
) }}

-- rows come from `tessera forget` alone
select
    cast(null as text) as store_id,
    cast(null as text) as identifier_type,
    cast(null as text) as tombstone,
    cast(null as text) as key_id,
    cast(null as timestamp) as as_of
where false
