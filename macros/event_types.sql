{#- The canonical event types that have a column of their own in the daily rollups; page_view counts pages shown. Whoever asks
    for another, as rules do for a type that a shop has added to the seed event_types, counts the events themselves. -#}
{% macro counted_event_types() -%}
    {{- return([
        'page_view', 'product_view', 'collection_view', 'search', 'cart_view', 'add_to_cart', 'remove_from_cart',
        'checkout_start', 'payment_info', 'purchase', 'wishlist', 'review', 'share', 'referral', 'article_read', 'video_watch',
        'podcast_listen', 'download', 'email_sent', 'email_open', 'email_click', 'email_unsubscribe', 'sms_sent', 'sms_open',
        'sms_click', 'social_click', 'ad_click', 'click', 'support_ticket', 'other'
    ]) -}}
{%- endmacro %}
