"""What the words of a segment's name claim, and whether the segment's centre and its members bear it out.

The rule. A text is cut into its words (runs of letters and digits). A word or phrase of the table `CLAIMS` says that a
feature of the axis is high or low; where the table has it for several features of the axis, it speaks of the first of
them, and of two phrases the longer one counts. In a name, a word of `GENERAL` (such as high, low, top) speaks of the
axis's first feature, which ranks its segments; in a sentence neither those nor the words of `TOPICS` claim anything. A
claim directly after a word of `TURNING` says the opposite (`less_frequent`). High is contradicted by a z-score of -0.25 or
less, low by one of 0.25 or more, so that a segment near the mean may be called either. A feature without a z-score
contradicts nothing. A centre is what the fit sees, where a single refund can move many; so a name is held against what was
observed of the members, too: to call them high they must be above others in six of ten pairs of one and another, and to call
them low in no more than 55 of 100.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence

HIGH, LOW = 1, -1
TOLERANCE = 0.25
_HIGH_FROM, _LOW_TO = 0.6, 0.55
_TURNING = (
    "no not non never without less least low lower lowest little few fewer fewest rare rarely seldom hardly light lighter "
    "minimal occasional infrequent infrequently")
TURNING = frozenset(_TURNING.split())
GENERAL: dict[int, str] = {
    HIGH: "high higher highest top heavy most maximum maximal extreme intense strong",
    LOW: "low lower lowest least minimal minimum light weak weakest little bottom",
}
# Words that name a thing: in a name they say that there is much of it, in a sentence (few buy at weekends) they do not.
_TOPICS = (
    "discount discounts discounted sale sales deal deals coupon coupons bargain bargains weekend weekends weekday weekdays "
    "workday workdays evening evenings night nights morning mornings email emails sms text texts social refund refunds "
    "refunded repeat risk new single even first_time single_product full_price budget")
TOPICS = frozenset(_TOPICS.split())
_GROWING = "growing rising increasing climbing accelerating surging upward"
_SHRINKING = "declining decliners falling fading shrinking decreasing slowing slipping cooling plunging downward"
_DISCOUNT = (
    "discount discounts discounted discount_hunters bargain bargains deal deals sale sales coupon coupons hunters sensitive")
_STEADY = "consistent consistently steady predictable even"
_UNSTEADY = "inconsistent irregular irregularly erratic unpredictable uneven"
_DIVERSE = "diverse varied broad wide explorers explorer adventurous eclectic generalists"
_FOCUSED = "focused focussed narrow single specialists specialist niche"
# Feature -> what says that it is high, what says that it is low. Phrases are written with underscores.
CLAIMS: dict[str, tuple[str, str]] = {
    "orders_per_month": (
        "frequent frequently often active avid loyal loyalists loyalist weekly daily",
        "infrequent infrequently rare rarely seldom occasional occasionally sporadic one_time once dormant casual"),
    "avg_days_between_orders": ("spaced slow", "rapid quick fast"),
    "purchase_consistency": (_STEADY, _UNSTEADY),
    "lifetime_value": (
        "premium vip big lavish generous valuable wealthy high_value big_spenders",
        "small modest minor budget frugal thrifty low_value"),
    "avg_order_value": ("big_basket big_baskets large_basket large_baskets", "small_basket small_baskets"),
    "value_trend": (_GROWING, _SHRINKING),
    "unique_categories": (_DIVERSE, _FOCUSED),
    "category_diversity": (_DIVERSE, _FOCUSED),
    "discount_rate": (_DISCOUNT, "full_price undiscounted insensitive discount_free discount_averse discount_resistant"),
    "weekend_ratio": ("weekend weekends", "weekday weekdays workday workdays"),
    "business_hours_ratio": ("office_hours business_hours daytime", "out_of_hours after_hours"),
    "evening_ratio": ("evening evenings night nights nightly", "morning mornings"),
    "timing_consistency": ("punctual routine habitual", "random irregular spontaneous"),
    "tenure_days": (
        "established veteran veterans longtime long_term long_standing longest_standing tenured mature",
        "new newest newcomer newcomers recent fresh early_stage"),
    "maturity_score": ("seasoned experienced", "immature"),
    "acceleration": (_GROWING, _SHRINKING),
    "repeat_rate": (
        "repeat repeaters repurchasers repurchaser rebuyers replenishers loyal loyalists loyalist habitual devoted",
        "one_off novelty first_time switchers disloyal"),
    "loyalty_index": ("favourite_product single_product", ""),
    "refund_rate": (
        "returners returner refunders refund refunds refunded problematic troubled costly high_touch return_prone refund_prone",
        "keepers low_maintenance low_touch trouble_free hassle_free return_free refund_free easy_going"),
    "email_share": ("email emails", "email_averse email_avoiders"),
    "sms_share": ("sms text texts", ""),
    "social_share": ("social", ""),
    "event_weekend_ratio": ("weekend weekends", "weekday weekdays workday workdays"),
    "product_switching": ("switchers switcher exchangers", ""),
    "discount_dependency": (_DISCOUNT, "full_price undiscounted insensitive discount_free"),
    "frequency_trend": (_GROWING, _SHRINKING),
    "recency_risk": ("risk at_risk churning lapsing lapsed overdue", "safe"),
    "product_concentration": (f"{_FOCUSED} concentrated single_product", f"{_DIVERSE} samplers spread"),
    "mastery": ("experts expert connoisseurs masters knowledgeable", "beginners beginner novices novice"),
    "avg_item_price": (
        "premium luxury upscale expensive high_end dear pricey",
        "budget economy cheap affordable thrifty frugal low_cost low_budget low_price low_end"),
    "discount_hunt_score": (_DISCOUNT, "full_price undiscounted discount_free"),
    "spend_consistency": (_STEADY, _UNSTEADY),
    "tickets_per_order": (
        "frequent frequently often needy demanding high_touch high_maintenance",
        "rare rarely seldom occasional infrequent quiet self_sufficient self_service independent low_touch low_maintenance"),
    "avg_resolution_hours": ("slow complex lengthy", "quick simple fast"),
    "reopen_rate": ("recurring reopened reopening persistent", ""),
    "avg_satisfaction": ("satisfied happy content delighted", "dissatisfied unsatisfied unhappy frustrated"),
}
_LONGEST = 3
# Words of names that say nothing of anybody.
_WORDLESS = "customers buyers shoppers spenders users members people contacts readers followers of the and"
_NOUNS = frozenset(_WORDLESS.split())


def contradiction(text: str, z_scores: Mapping[str, float | None], members_over: Mapping[str, float | None] | None = None, *,
                  is_name: bool) -> str | None:
    """The first claim of a text that the centre of its segment, or of a name that its members contradict.

    Parameters
    ----------
    text
        A name in snake_case, or a sentence.
    z_scores
        Feature -> scaled coordinate of the centre (standard deviations from the population's mean), the feature that
        ranks the axis's segments first.
    members_over
        Feature -> in how many of the pairs of a member and somebody else on the axis the member's is higher, 0 to 1, as it was
        observed; none where that is not known.
    is_name
        Whether the text is a name and not a sentence, which may use the words of `GENERAL` and `TOPICS` of anything.

    Returns
    -------
    str or None
        Such as ``frequent says that orders_per_month is high``; None where nothing is contradicted.
    """
    for phrase, feature, direction in claims(text, list(z_scores), is_name=is_name):
        z_score = z_scores[feature]
        if z_score is not None and not math.isnan(z_score) and z_score * direction <= -TOLERANCE:
            return f"{phrase} says that {feature} is {'high' if direction == HIGH else 'low'}"
        over = (members_over or {}).get(feature)
        if is_name and over is not None and (over < _HIGH_FROM if direction == HIGH else over > _LOW_TO):
            return f"{phrase} says that {feature} is {'high' if direction == HIGH else 'low'} for most, which it is not"
    return None


def borrowed(name: str, seed_names: Collection[str], held_names: Collection[str]) -> str | None:
    """The first name of the seed all of whose words a name has, and whose claims the members of its segment break.

    A word after which everything is turned round (`not_one_time`) borrows nothing.
    """
    words = set(name.split("_"))
    if words & TURNING:
        return None
    return next((seed_name for seed_name in sorted(set(seed_names) - set(held_names))
                 if (claimed := set(seed_name.split("_")) - _NOUNS) and claimed <= words), None)


def claims(text: str, features: Sequence[str], *, is_name: bool) -> list[tuple[str, str, int]]:
    """What a text claims about features: phrase, feature, and `HIGH` or `LOW`, in the order of the text."""
    vocabulary = _vocabulary(features, is_name)
    words = re.findall(r"[a-z0-9]+", text.lower())
    found, position = [], 0
    while position < len(words):
        phrases = ("_".join(words[position:position + length]) for length in range(_LONGEST, 0, -1))
        phrase = next((phrase for phrase in phrases if phrase in vocabulary), words[position])
        if phrase in vocabulary:
            feature, direction = vocabulary[phrase]
            turned = position > 0 and words[position - 1] in TURNING
            found.append((f"{words[position - 1]} {phrase}", feature, -direction) if turned else (phrase, feature, direction))
        position += phrase.count("_") + 1
    return found


def _vocabulary(features: Sequence[str], is_name: bool) -> dict[str, tuple[str, int]]:
    """Phrase -> the feature that it speaks of on an axis, and in which direction."""
    vocabulary: dict[str, tuple[str, int]] = {}
    for feature in features:
        for direction, phrases in zip((HIGH, LOW), CLAIMS.get(feature, ("", "")), strict=True):
            for phrase in phrases.split():
                vocabulary.setdefault(phrase, (feature, direction))
    if not is_name:
        return {phrase: claim for phrase, claim in vocabulary.items() if phrase not in TOPICS}
    if features:
        for direction, words in GENERAL.items():
            for word in words.split():
                vocabulary.setdefault(word, (features[0], direction))
    return vocabulary
