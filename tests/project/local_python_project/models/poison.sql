{{ config(materialized='view') }}
-- Can be described and not be read.
select cast(ids.name as integer) as id from (select 'x' as name) as ids
