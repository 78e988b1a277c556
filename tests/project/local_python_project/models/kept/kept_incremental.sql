{{ config(materialized='incremental') }}
select * from {{ ref('kept_sql') }}
