"""What the words of a segment's name claim, and whether the segment's centre and its members bear it out.

The rule. A text is cut into its words (runs of letters and digits). A word or phrase of the seed feature_words says that a
feature of the axis is high or low; where the seed has it for several features of the axis, it speaks of the first of
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
from dataclasses import dataclass

import pyarrow as pa

HIGH, LOW = 1, -1
TOLERANCE = 0.25
_HIGH_FROM, _LOW_TO = 0.6, 0.55
_TURNING = (
    "no not non never without less least low lower lowest little few fewer fewest rare rarely seldom hardly light lighter "
    "minimal occasional infrequent infrequently"
)
TURNING = frozenset(_TURNING.split())
GENERAL: dict[int, str] = {
    HIGH: "high higher highest top heavy most maximum maximal extreme intense strong",
    LOW: "low lower lowest least minimal minimum light weak weakest little bottom",
}
# Words that name a thing: in a name they say that there is much of it, in a sentence (few buy at weekends) they do not.
_TOPICS = (
    "discount discounts discounted sale sales deal deals coupon coupons bargain bargains weekend weekends weekday weekdays "
    "workday workdays evening evenings night nights morning mornings email emails sms text texts social refund refunds "
    "refunded repeat risk new single even first_time single_product full_price budget"
)
TOPICS = frozenset(_TOPICS.split())
_LONGEST = 3
# Words of names that say nothing of anybody.
_WORDLESS = "customers buyers shoppers spenders users members people contacts readers followers of the and"
_NOUNS = frozenset(_WORDLESS.split())


@dataclass(frozen=True)
class FeatureWords:
    """What the seed feature_words says of a feature: what it measures, and the phrases that say that it is high or low."""

    meaning: str | None = None
    high: tuple[str, ...] = ()
    low: tuple[str, ...] = ()


Words = Mapping[str, FeatureWords]


def read_words(seed: pa.Table) -> dict[str, FeatureWords]:
    """Feature -> its words, of the seed feature_words (feature, meaning, high_phrases, low_phrases)."""
    return {
        row["feature"]: FeatureWords(
            row["meaning"], tuple((row["high_phrases"] or "").split()), tuple((row["low_phrases"] or "").split())
        )
        for row in seed.select(["feature", "meaning", "high_phrases", "low_phrases"]).to_pylist()
    }


def contradiction(
    text: str,
    z_scores: Mapping[str, float | None],
    words: Words,
    members_over: Mapping[str, float | None] | None = None,
    *,
    is_name: bool,
) -> str | None:
    """The first claim of a text that the centre of its segment, or of a name that its members contradict.

    Parameters
    ----------
    text
        A name in snake_case, or a sentence.
    z_scores
        Feature -> scaled coordinate of the centre (standard deviations from the population's mean), the feature that
        ranks the axis's segments first.
    words
        From `read_words`.
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
    for phrase, feature, direction in claims(text, list(z_scores), words, is_name=is_name):
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
    return next(
        (
            seed_name
            for seed_name in sorted(set(seed_names) - set(held_names))
            if (claimed := set(seed_name.split("_")) - _NOUNS) and claimed <= words
        ),
        None,
    )


def claims(text: str, features: Sequence[str], words: Words, *, is_name: bool) -> list[tuple[str, str, int]]:
    """What a text claims about features: phrase, feature, and `HIGH` or `LOW`, in the order of the text."""
    vocabulary = _vocabulary(features, words, is_name)
    said = re.findall(r"[a-z0-9]+", text.lower())
    found, position = [], 0
    while position < len(said):
        phrases = ("_".join(said[position : position + length]) for length in range(_LONGEST, 0, -1))
        phrase = next((phrase for phrase in phrases if phrase in vocabulary), said[position])
        if phrase in vocabulary:
            feature, direction = vocabulary[phrase]
            turned = position > 0 and said[position - 1] in TURNING
            found.append((f"{said[position - 1]} {phrase}", feature, -direction) if turned else (phrase, feature, direction))
        position += phrase.count("_") + 1
    return found


def _vocabulary(features: Sequence[str], words: Words, is_name: bool) -> dict[str, tuple[str, int]]:
    """Phrase -> the feature that it speaks of on an axis, and in which direction."""
    vocabulary: dict[str, tuple[str, int]] = {}
    for feature in features:
        own = words.get(feature, FeatureWords())
        for direction, phrases in ((HIGH, own.high), (LOW, own.low)):
            for phrase in phrases:
                vocabulary.setdefault(phrase, (feature, direction))
    if not is_name:
        return {phrase: claim for phrase, claim in vocabulary.items() if phrase not in TOPICS}
    if features:
        for direction, general in GENERAL.items():
            for word in general.split():
                vocabulary.setdefault(word, (features[0], direction))
    return vocabulary
