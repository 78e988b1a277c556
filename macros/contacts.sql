{#- Why somebody may not be written to in a channel: do_not_track, unsubscribed, consent_refused, no_consent, not_subscribed or no_address;
    null where they may. people: alias of a relation with the columns of int_contact_permissions; channel: expression of email, sms, phone,
    push or ads; needs_consent: condition, whether silence about consent is a no.
    Example: {{ contact_refusal('people', 'destinations.channel', 'destinations.needs_gdpr_consent') }} as reason -#}
{% macro contact_refusal(people, channel, needs_consent) -%}
    case
        when {{ people }}.do_not_track then 'do_not_track'
        when {{ channel }} in ('email', 'ads') and {{ people }}.is_unsubscribed then 'unsubscribed'
        when {{ people }}.gdpr_consent = false then 'consent_refused'
        when ({{ needs_consent }}) and {{ people }}.gdpr_consent is null then 'no_consent'
        when {{ channel }} = 'email' and not {{ people }}.email_subscribed then 'not_subscribed'
        when {{ channel }} = 'sms' and not {{ people }}.sms_subscribed then 'not_subscribed'
        when not {{ has_address(people, channel) | indent(8) }} then 'no_address'
    end
{%- endmacro %}

{#- Whether anything is known by which a channel reaches somebody; true of channels that need no address or number.
    people, channel: as above. Example: {{ has_address('people', 'actions.channel') }} -#}
{% macro has_address(people, channel) -%}
    case
        when {{ channel }} = 'email' then {{ people }}.email_identifier is not null
        when {{ channel }} in ('sms', 'phone') then {{ people }}.phone_identifier is not null
        when {{ channel }} = 'ads' then {{ people }}.email_identifier is not null or {{ people }}.phone_identifier is not null
        else true
    end
{%- endmacro %}
