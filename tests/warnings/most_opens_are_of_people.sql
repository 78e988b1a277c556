{{ config(severity='warn') }}

-- A warning, since a mail program that loads all pictures tells the shop that its user opened all e-mails. While opens are activity,
-- such people stay active and engaged long after they have left.
with people as (

    select
        store_id,
        customer_id,
        count(*) as messages,
        sum(case when is_opened then 1 else 0 end) as opened,
        sum(case when is_clicked then 1 else 0 end) as clicked
    from {{ ref('int_messages') }}
    where channel = 'email' and customer_id <> '' and {{ var('opens_are_activity') | lower }}
    group by store_id, customer_id
    having count(*) >= 8

),

stores as (

    select
        store_id,
        count(*) as people,
        sum(case when opened = messages and clicked = 0 then 1 else 0 end) as machines
    from people
    group by store_id

)

select
    store_id || ': ' || cast(machines as text) || ' of ' || cast(people as text)
    || ' people who were sent eight e-mails or more opened all of them and clicked on none, as mail programs do by themselves. '
    || 'Their opens are activity, and keep them active after they have left. The var opens_are_activity: false counts none.' as sentence
from stores
where machines >= 20 and 10 * machines > people
