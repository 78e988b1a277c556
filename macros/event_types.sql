{#- The canonical event types that have a column of their own in the daily rollups; page_view counts pages shown. Whoever asks
    for another, as rules do for a type that a shop has added to the seed event_types, counts the events themselves. -#}
{% macro counted_event_types() -%}
    {{- return([
        'page_view', 'product_view', 'collection_view', 'search', 'cart_view', 'add_to_cart', 'remove_from_cart',
        'checkout_start', 'payment_info', 'purchase', 'wishlist', 'review', 'share', 'referral', 'article_read', 'video_watch',
        'podcast_listen', 'download', 'email_sent', 'email_delivered', 'email_open', 'email_click', 'email_unsubscribe',
        'sms_sent', 'sms_delivered', 'sms_open', 'sms_click', 'social_click', 'ad_click', 'click', 'support_ticket', 'other'
    ]) -}}
{%- endmacro %}

{#- A name of an event, a channel, a medium or a status of an order as it is compared: Product Viewed, product_viewed and
    ProductViewed are one. Example: {{ name_key('event_type') }} -> productviewed -#}
{% macro name_key(value) -%}translate({{ lower_letters(value) }}, ' _-', ''){%- endmacro %}

{#- A source, medium or campaign as it counts: null where the word says only that nothing is known (model stg_traffic_channels, channel
    direct), as (direct), (none) and (not set) of GA4 do. dbt reads the word null in a seed as no value on some engines.
    field: source, medium or campaign; words: the relation of that model, for operations.
    Example: {{ known_origin('source', 'events.source') }} -#}
{% macro known_origin(field, value, words=none) -%}
    case
        when nullif({{ name_key(value) }}, 'null') not in (
            select origins.name_key from {{ words or ref('stg_traffic_channels') }} as origins
            where origins.traffic_channel = 'direct' and origins.field in ('any', '{{ field }}') and origins.name_key is not null
        ) then {{ value }}
    end
{%- endmacro %}

{#- The canonical types of opened messages: mail programs open by themselves, so the var opens_are_activity may turn them off. -#}
{% macro opened_message_types() -%}{{- return(['email_open', 'sms_open', 'push_open']) -}}{%- endmacro %}

{#- The channel of an event that names none, by its canonical type. Example: {{ channel_of_event_type('event_type') }} -#}
{% macro channel_of_event_type(event_type) -%}
    case
        when split_part({{ event_type }}, '_', 1) = 'email' then 'email'
        when split_part({{ event_type }}, '_', 1) = 'sms' then 'sms'
        when split_part({{ event_type }}, '_', 1) = 'push' then 'push'
        when {{ event_type }} = 'social_click' then 'social_media'
        when {{ event_type }} = 'ad_click' then 'ads'
        else 'website'
    end
{%- endmacro %}

{#- The class of a device as reports compare it: desktop, mobile or tablet, whichever word a tool has for it; another word
    in lower case. Example: {{ device_class('device_type') }} -> mobile for Smartphone -#}
{% macro device_class(value) -%}
    case
        when {{ name_key(value) }} in ('desktop', 'computer', 'pc', 'laptop', 'notebook', 'personalcomputer') then 'desktop'
        when {{ name_key(value) }} in ('mobile', 'smartphone', 'phone', 'mobilephone', 'cellphone', 'featurephone', 'handset', 'iphone')
            then 'mobile'
        when {{ name_key(value) }} in ('tablet', 'ipad', 'phablet') then 'tablet'
        else {{ lower_letters(value) }}
    end
{%- endmacro %}
