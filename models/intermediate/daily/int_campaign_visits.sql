with visits as (

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

)

select
    store_id,
    session_key,
    customer_id,
    started_at,
    activity_date,
    not is_told and referrer_host is null as is_direct,
    case
        when is_told then coalesce(source, '(not set)')
        else coalesce(referrer_host, '(direct)')
    end as source,
    case
        when is_told then coalesce(medium, '(not set)')
        when referrer_host is not null then 'referral'
        else '(none)'
    end as medium,
    -- source and medium came without capitals
    coalesce({{ lower_letters('campaign') }}, '(none)') as campaign
from visits
