{{ config(severity='warn') }}

-- A warning, since a shop of one country may write its numbers as they are dialled at home: a tenth of a store's numbers have no code
-- of a country. They are the same number wherever they are written so, and no number of whoever writes the code; no export has them.
with numbers as (

    select
        store_id,
        count(*) as number_count,
        sum(case when identifier_value like '+%' then 0 else 1 end) as at_home
    from {{ ref('customer_identities') }}
    where identifier_type = 'phone'
    group by store_id

)

select
    store_id || ': ' || cast(at_home as text) || ' of ' || cast(number_count as text)
    || ' telephone numbers have no code of a country (+91, 0049). They meet no number that has one, and no export has them. '
    || 'Let the loader write them with + and the code.' as sentence
from numbers
-- one or two are slips
where at_home >= 5 and 10 * at_home > number_count
