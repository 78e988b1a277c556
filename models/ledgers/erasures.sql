-- rows come from `tessera forget` alone
select
    cast(null as text) as store_id,
    cast(null as text) as identifier_type,
    cast(null as text) as tombstone,
    cast(null as text) as key_id,
    cast(null as timestamp) as as_of
where false
