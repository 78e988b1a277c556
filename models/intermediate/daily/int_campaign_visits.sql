{{ config(**by_person(vars=['session_max_gap_hours'], indexes=[])) }}

with changed as (

    {{ changed_people(is_incremental()) | indent(4) }}

),

visits as (

    select
        sessions.store_id,
        sessions.session_key,
        sessions.started_at,
        sessions.source,
        sessions.medium,
        sessions.campaign,
        cast(sessions.started_at_local as date) as activity_date,
        coalesce(identities.customer_id, '') as customer_id,
        coalesce(sessions.source, sessions.medium, sessions.campaign) is not null as is_told,
        {{ url_host('sessions.referrer') }} as referrer_host
    from {{ ref('int_sessions') }} as sessions
    left join {{ ref('customer_identities') }} as identities on {{ same_person('sessions') }}
    where {{ is_of_changed(is_incremental(), 'sessions.store_id', "coalesce(identities.customer_id, '')") }}

)

select
    visits.store_id,
    visits.session_key,
    visits.customer_id,
    visits.started_at,
    visits.activity_date,
    not visits.is_told and visits.referrer_host is null as is_direct,
    case
        when visits.is_told then coalesce(visits.source, '(not set)')
        else coalesce(visits.referrer_host, '(direct)')
    end as source,
    case
        when visits.is_told then coalesce(visits.medium, '(not set)')
        when visits.referrer_host is not null then 'referral'
        else '(none)'
    end as medium,
    -- source and medium came without capitals
    coalesce({{ lower_letters('visits.campaign') }}, '(none)') as campaign,
    coalesce(changed.person_version, '') as person_version
from visits
left join changed on visits.store_id = changed.store_id and visits.customer_id = changed.customer_id
