{{ config(schema='other_place') }}
select 1 as id
