"""Raw event names of the demo: two dialects of one vocabulary."""

KINDS = [
    "page_view", "home", "department", "product_view", "collection_view", "search", "cart_view", "add_to_cart",
    "remove_from_cart", "checkout_start", "payment_info", "purchase", "wishlist", "review", "share", "referral",
    "article_read", "video_watch", "podcast_listen", "download", "email_sent", "email_open", "email_click",
    "email_unsubscribe", "sms_sent", "sms_open", "sms_click", "social_click", "ad_click", "sign_up", "login", "click",
    "checkout_step", "contact", "email_bounced",
]
(PAGE, HOME_VIEW, DEPARTMENT, PRODUCT_VIEW, COLLECTION_VIEW, SEARCHED, CART_VIEW, ADD, REMOVE, CHECKOUT_START, PAYMENT,
 PURCHASE, WISHLIST, REVIEW, SHARE, REFERRAL, ARTICLE, VIDEO, PODCAST, DOWNLOAD, EMAIL_SENT, EMAIL_OPEN, EMAIL_CLICK,
 UNSUBSCRIBE, SMS_SENT, SMS_OPEN, SMS_CLICK, SOCIAL_CLICK, AD_CLICK, SIGN_UP, LOGIN, CLICK, CHECKOUT_STEP, LEAD,
 EMAIL_BOUNCED) = range(len(KINDS))

_SHOPIFY_PIXEL = {
    "page_view": "page_viewed", "home": "page_viewed", "department": "page_viewed", "product_view": "product_viewed",
    "collection_view": "collection_viewed", "search": "search_submitted", "cart_view": "cart_viewed",
    "checkout_start": "checkout_started", "payment_info": "payment_info_submitted", "purchase": "checkout_completed",
    "click": "clicked", "checkout_step": "checkout_shipping_info_submitted",
}
_PLAIN = {
    "collection_view": "category_view", "cart_view": "cart", "checkout_start": "checkout_started",
    "payment_info": "payment_info_submitted", "email_sent": "email_received", "sms_sent": "sms_delivered",
}
UNKNOWN_NAMES = ["quiz_started", "store_locator_opened", "chat_opened"]


def raw_names(is_pixel: bool) -> list[str]:
    """Return the raw name of every kind in a store's dialect."""
    dialect = _SHOPIFY_PIXEL if is_pixel else _PLAIN
    return [dialect.get(kind, kind) for kind in KINDS]
