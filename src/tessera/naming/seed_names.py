"""Names of axis segments: the first of the seed whose claims the members bear out, else a plain one of what sets them apart."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tessera.axes.definition import Settings, read_axes
from tessera.axes.scoring import Scorer, people_of, scorers_of
from tessera.naming.claims import ABS_Z, SHARE, Claim, People, read_claims
from tessera.tables import doubles, is_known

SAID = pa.schema(
    [
        ("store_id", pa.string()),
        ("axis_name", pa.string()),
        ("segment_id", pa.string()),
        ("as_of", pa.timestamp("us")),
        ("segment_name", pa.string()),
        ("interpretation", pa.string()),
        ("claims", pa.string()),
        ("held_names", pa.list_(pa.string())),
        ("members_over", pa.list_(pa.float64())),
    ]
)
# A plain name speaks of features whose members are this far from everybody's mean, in standard deviations, and whose members are
# above the others (or below) in so many of the pairs of one and another.
_APART = 0.25
_OVER = 0.65
# Where nothing sets people apart so far, their name says "rather" of what does in this many of the pairs.
_RATHER_OVER = 0.58
# Where a word would be a lie of people whom it sets apart, they are so much less than others what its opposite says.
_LESS_SO = "less_"
# So many times what matters is far: typical is nobody who is so far from everybody.
_FAR = 3
# A sentence says of how many members something is known where it is not of nearly all.
_NEARLY_ALL = 0.95
# Of so many members a number is known that is told of all: what the name speaks of, and anything else.
_HALF, _MOST = 1 / 2, 2 / 3
# What matters to a shop: so much more, of shares a tenth more of all, or twice as much and a twentieth more.
_RATIO, _DIFFERENCE = 1.25, 0.1
_PARTS = ("percent", "score")
_AMOUNTS = ("money", "days")
_LESS = 0.5
_MOST_WORDS = 3
_LIKE_ALL = "Are much like everybody on the axis."
_NOBODY = "Nobody is of this kind now."
_TOLD = 2
# The percentile that half of the store's people are below.
_MIDDLE, _QUARTER = 50, 25
# Of what would matter so much has to be there that a number is told beside the store's.
_TELLING = 0.5
# How many orders somebody has.
_COUNTS = ("orders", "total_orders")
_OTHER_NOUNS = ("customers", "buyers", "shoppers", "people")


def snake_case(words: Sequence[str]) -> str:
    """A name of words as axis segments have it."""
    return "_".join(words)


def title_case(words: Sequence[str]) -> str:
    """A name of words as labels of clusters have it: High-Value Customers."""
    return " ".join(word.replace("_", " ").title().replace(" ", "-") for word in words)


def name_axis_segments(
    people: Iterable[pa.RecordBatch],
    axes: pa.Table,
    segments: pa.Table,
    settings: pa.Table,
    names: pa.Table,
    axis_words: pa.Table,
    feature_words: pa.Table,
    taken: pa.Table,
    style: Callable[[Sequence[str]], str] = snake_case,
) -> pa.Table:
    """Name the current segments of every store by who is in them tonight.

    Parameters
    ----------
    people
        Features of axes and facts, with store_id, in_<population> and, where a feature is not known of everybody,
        <feature>_is_known; of features that are shrunk for the fit, <feature>_observed, null where it is not known, and, of those
        that are shares or means of trials, <feature>_trials.
    axes, segments, settings
        As `score_axes` takes them; segments without names.
    names
        The seed axis_segment_names: axis_name, priority, segment_name, claims, sentence.
    axis_words
        axis_name, noun (what its people are called in a plain name) and, if there is one, typical_word (what is typical of those
        whom nothing sets apart), and other_noun (what they are called where other_noun_claims hold).
    feature_words
        feature, low_word, high_word and what these claim beside (low_claims, high_claims; may be null), tells (a sentence's end
        with {} for the number, and order/orders for the noun of one and of several) and unit. A feature without a word is in no
        plain name, one without tells in no sentence.
    taken
        store_id and name of other kinds of segments, which no axis segment goes by.
    style
        How words become a plain name.

    Returns
    -------
    pyarrow.Table
        `SAID`, one row per current segment. `held_names` are all names of the axis whose claims hold; `members_over` says for
        every feature of the fit how often a member is above somebody else.

    Raises
    ------
    ValueError
        If claims cannot be read.
    """
    chosen = Settings.from_table(settings)
    known = read_axes(axes)
    scorers = scorers_of(known, segments)
    rules = _rules(names)
    nouns = {row["axis_name"]: row for row in axis_words.to_pylist()}
    words = {row["feature"]: row for row in feature_words.to_pylist()}
    table = pa.Table.from_batches(people) if not isinstance(people, pa.Table) else people
    rows = []
    for store_id, own in scorers.items():
        used = {_plain(row["name"]) for row in taken.to_pylist() if row["store_id"] in (store_id, None)}
        mine = table.filter(pc.equal(table["store_id"], store_id))
        for scorer in own:
            axis = scorer.axis.name
            axis_people = _people(mine, scorer, chosen.membership, words, rules.get(axis, ()))
            said = _name_axis(axis_people, scorer, rules.get(axis, ()), nouns.get(axis, {}), words, used, style)
            rows += [
                {"store_id": store_id, "axis_name": axis, "segment_id": segment_id, "as_of": chosen.as_of, **row}
                for segment_id, row in zip(scorer.segment_ids, said, strict=True)
            ]
    return pa.Table.from_pylist(rows, schema=SAID)


def _rules(names: pa.Table) -> dict[str, list[dict[str, Any]]]:
    """Axis -> rows of the seed by priority, with their claims read."""
    rules: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(names.to_pylist(), key=lambda row: row["priority"]):
        rules.setdefault(row["axis_name"], []).append({**row, "read": read_claims(row["claims"])})
    return rules


def _people(rows: pa.Table, scorer: Scorer, kind: str, words: Mapping[str, Any], rules: Sequence[Mapping[str, Any]]) -> People:
    """Everybody of a store on an axis."""
    scaled, best = people_of(rows, scorer, kind)
    on_axis = best >= 0
    features = [feature for feature, _ in scorer.pairs]
    claimed = [claim for rule in rules for claim in rule["read"]] + [
        claim for feature in features for claim in (*_word_claims(words, feature, -1), *_word_claims(words, feature, 1))
    ]
    wanted = set(features) | {claim.feature for claim in claimed}
    values = {feature: _observed(rows, feature)[on_axis] for feature in sorted(wanted & set(rows.column_names))}
    trials = {
        feature: doubles(rows, f"{feature}_trials")[on_axis] for feature in values if f"{feature}_trials" in rows.column_names
    }
    known_scaled = {
        feature: np.where(is_known(rows, feature), scaled[:, column], np.nan)[on_axis] for column, feature in enumerate(features)
    }
    return People(values, known_scaled, best[on_axis], trials)


def _word_claims(words: Mapping[str, Any], feature: str, direction: int) -> list[Claim]:
    """What the word of a feature's high or low end claims beside."""
    text = words.get(feature, {}).get("high_claims" if direction > 0 else "low_claims")
    return read_claims(text) if text else []


def _observed(rows: pa.Table, feature: str) -> np.ndarray:
    """What was observed of a feature, NaN where it is not known, shape (n,)."""
    if f"{feature}_observed" in rows.column_names:
        return doubles(rows, f"{feature}_observed")
    return np.where(is_known(rows, feature), doubles(rows, feature), np.nan)


def _name_axis(
    people: People,
    scorer: Scorer,
    rules: Sequence[Mapping[str, Any]],
    axis_words: Mapping[str, str],
    words: Mapping[str, Any],
    used: set[str],
    style: Callable[[Sequence[str]], str],
) -> list[dict[str, Any]]:
    """Names of the segments of one axis, by number; `used` grows by them."""
    numbers = range(len(scorer.segment_ids))
    sizes = np.bincount(people.segments, minlength=len(numbers))
    held = [
        [rule for rule in rules if sizes[segment] and all(_holds(people, segment, claim, words) for claim in rule["read"])]
        for segment in numbers
    ]
    said: dict[int, dict[str, Any]] = {}
    for rule in rules:
        # of two segments that bear one name out, that whose members do so most has it, else the larger
        bearing = {segment: _borne_out_by(people, segment, rule["read"]) for segment in numbers if rule in held[segment]}
        for segment in sorted(bearing, key=lambda segment: (-bearing[segment], -sizes[segment], segment)):
            if segment not in said and _plain(rule["segment_name"]) not in used:
                used.add(_plain(rule["segment_name"]))
                sentence = " ".join(filter(None, [rule["sentence"], _numbers(people, segment, words, rule["read"])]))
                said[segment] = {"segment_name": rule["segment_name"], "claims": rule["claims"], "interpretation": sentence}
    # longstanding_members beside long_standing_customers is one name to whoever reads them
    told_apart = {_stem(row["segment_name"].rsplit("_", 1)[0]) for row in said.values()}
    by_stem: dict[str, int] = {}
    for segment in sorted(numbers, key=lambda segment: (-sizes[segment], segment)):
        if segment not in said:
            stem, name, claims = next(
                (stem, name, claims)
                for stem, name, claims in _plain_names(people, segment, axis_words, words, style, by_stem)
                if _plain(name) not in used and _stem(stem) not in told_apart
            )
            used.add(_plain(name))
            told_apart.add(_stem(stem))
            # another of the same words, where a number stands behind them
            namesake = by_stem.get(_stem(re.sub(r"_\d+$", "", stem)))
            by_stem[_stem(stem)] = segment
            beside = "" if namesake is None else _known_of_them(people, segment, words, namesake, said[namesake]["segment_name"])
            numbers_told = _numbers(people, segment, words, read_claims(claims) if claims else [], None if beside else namesake)
            sentence = " ".join(filter(None, [beside, numbers_told])) or (_LIKE_ALL if sizes[segment] else _NOBODY)
            said[segment] = {"segment_name": name, "claims": claims, "interpretation": sentence}
    return [
        {
            **said[segment],
            "held_names": list(dict.fromkeys(rule["segment_name"] for rule in held[segment])),
            "members_over": [people.over(segment, feature) for feature, _ in scorer.pairs],
        }
        for segment in numbers
    ]


def _holds(people: People, segment: int, claim: Claim, words: Mapping[str, Any]) -> bool:
    """Whether a segment's members bear a claim out; more or less than the store's people is so by what matters to a shop.

    `median(x) > p80` and `median(x) < p30` say that; `median(x) >= p40` and `<= p60` that members are no further off.
    """
    if not people.holds(segment, claim):
        return False
    side = _side(claim)
    if not claim.is_percentile or side * (claim.value - _MIDDLE) < 0:
        return True
    return _is_other(people, segment, claim.feature, side, words.get(claim.feature, {}).get("unit") or "number")


def _borne_out_by(people: People, segment: int, claims: Sequence[Claim]) -> float:
    """How far a segment's members are on the side of what a name speaks of first, as `People.over`; 0.5 where it has no side.

    How many orders somebody has is what something else is known by; a number that is set both a least and a most has no side.
    """
    spoken_of = [claim for claim in claims if not (claim.measure == SHARE and claim.feature in _COUNTS)]
    sides = {_side(claim) for claim in spoken_of if claim.feature == spoken_of[0].feature}
    over = people.over(segment, spoken_of[0].feature) if spoken_of and len(sides) == 1 else None
    return 0.5 if over is None else round(0.5 + sides.pop() * (over - 0.5), 9)


def _side(claim: Claim) -> int:
    """Whether a claim is of more (1), of less (-1), or of neither (0); few with more of something have less of it."""
    signs = [claim.operator, *(claim.inner or ())[:1]]
    return 0 if claim.measure == ABS_Z else math.prod({"<": -1, ">": 1}.get(sign[0], 0) for sign in signs)


def _plain_names(
    people: People,
    segment: int,
    axis_words: Mapping[str, str],
    words: Mapping[str, Any],
    style: Callable[[Sequence[str]], str],
    by_stem: Mapping[str, int],
) -> Iterator[tuple[str, str, str]]:
    """What names of one or two features that set a segment apart say, the plainest first; the names, and what they claim.

    Two segments of an axis must not say one thing with two nouns: where a number tells this one from another of the same word
    (in `by_stem`), it is very much so, or rather. Members who are apart from others, and of whom the word would still be a lie,
    are less than others what its opposite says: beside people who buy nearly everything again those who do so of two thirds are
    less_repeat. A segment that nothing sets apart is typical, or mixed where it is far from everybody in something that says
    neither, which claims nothing.
    """
    nouns, typical = _nouns(people, segment, axis_words, words), axis_words.get("typical_word")
    own = people.segments == segment
    # the people of a segment may all be gone
    numbers = range(max(segment, people.segments.max(initial=0)) + 1)
    z_scores = {feature: [people.z(other, feature) or 0.0 for other in numbers] for feature in people.scaled}

    def apart(feature: str) -> tuple[bool, float]:
        others = z_scores[feature]
        # of two as far apart, what they do rather than what they do not
        return others[segment] not in (min(others), max(others)), -abs(others[segment]) * (1 if others[segment] > 0 else _LESS)

    def beside_namesake(word: str, feature: str, direction: int) -> Iterator[str]:
        namesake = by_stem.get(_stem(word))
        if namesake is not None:
            for degree, up in (("very", direction), ("rather", -direction)):
                if _matters(people, feature, up, words[feature]["unit"], own, people.segments == namesake):
                    yield f"{degree}_{word}"

    def borne_out(least_z: float, least_over: float, told_as: str) -> list[tuple[str, str]]:
        found = []
        is_less = told_as == _LESS_SO
        for feature in sorted(z_scores, key=apart):
            direction = 1 if z_scores[feature][segment] > 0 else -1
            word = words.get(feature, {}).get("high_word" if (direction > 0) != is_less else "low_word")
            is_apart = abs(z_scores[feature][segment]) >= least_z
            if (
                word
                # newer compares already
                and not (is_less and word.endswith("er"))
                and f"{told_as}{word}".count("_") < _MOST_WORDS - 1
                and is_apart
                and _is_borne_out(people, segment, feature, direction, words, least_over, is_less=is_less)
            ):
                sign, share = (">=", least_over) if direction > 0 else ("<=", round(1 - least_over, 2))
                claims = [f"z({feature}) {sign} {direction * least_z}", f"over({feature}) {sign} {share}"]
                beside = None if is_less else words[feature].get("high_claims" if direction > 0 else "low_claims")
                claimed = "; ".join(filter(None, [*claims, beside]))
                found.append((told_as + word, claimed))
                if not is_less:
                    degrees.extend((degree, claimed) for degree in beside_namesake(told_as + word, feature, direction))
        return found

    degrees: list[tuple[str, str]] = []
    told = borne_out(_APART, _OVER, "") or borne_out(_APART / 2, _RATHER_OVER, "rather_")
    # of most people nobody says that they are less so than the few others
    if not told and 2 * own.sum() <= len(own):
        told = borne_out(_APART, _OVER, _LESS_SO)
    if not told:
        # beside others who are typical nobody is who differs at all
        times = _FAR if by_stem.get(_stem("_".join(filter(None, ["typical", typical])))) is None else 1
        is_far = any(
            _matters(people, feature, direction, words[feature]["unit"], own, np.full(len(own), fill_value=True), times)
            for feature in z_scores
            if words.get(feature, {}).get("tells")
            for direction in (-1, 1)
        )
        told = [("_".join(filter(None, ["mixed" if is_far else "typical", typical])), "")]
    for others in nouns:
        yield from ((word, style([word, others]), claim) for word, claim in told)
        for pair in combinations(told, 2):
            if sum(word.count("_") + 1 for word, _ in pair) < _MOST_WORDS:
                both = "_".join(word for word, _ in pair)
                yield both, style([*(word for word, _ in pair), others]), "; ".join(claim for _, claim in pair)
    yield from ((word, style([word, nouns[0]]), claim) for word, claim in degrees)
    for number in range(2, 1000):
        yield f"{told[0][0]}_{number}", style([told[0][0], nouns[0], str(number)]), told[0][1]


def _nouns(people: People, segment: int, axis_words: Mapping[str, str], words: Mapping[str, Any]) -> tuple[str, ...]:
    """What the people of a segment are called, and what else they may be."""
    claims = axis_words.get("other_noun_claims")
    if claims and all(_holds(people, segment, claim, words) for claim in read_claims(claims)):
        return (axis_words["other_noun"], "people")
    return (axis_words.get("noun") or "people", *_OTHER_NOUNS)


def _is_borne_out(
    people: People, segment: int, feature: str, direction: int, words: Mapping[str, Any], least_over: float, *, is_less: bool
) -> bool:
    """Whether most members are observed above the others (or below, if direction is -1), by what matters to a shop.

    What the word claims beside must hold too, unless it is only said that they are less so than others.
    """
    over = people.over(segment, feature)
    if over is None or round(direction * (over - 0.5) - (least_over - 0.5), 9) < 0:
        return False
    if not is_less and not all(_holds(people, segment, claim, words) for claim in _word_claims(words, feature, direction)):
        return False
    return _is_other(people, segment, feature, direction, words[feature]["unit"])


def _is_other(people: People, segment: int, feature: str, direction: int, unit: str) -> bool:
    """Whether members are above the others (or below, if direction is -1) by what matters, and above everybody by half of it.

    Most people of a store are near its median whatever the few others do, and not dear for them; unless they are far from three
    quarters of the others.
    """
    own = people.segments == segment
    everybody = np.full(len(own), fill_value=True)
    if not _matters(people, feature, direction, unit, own, ~own):
        return False
    if _matters(people, feature, direction, unit, own, everybody, _TELLING):
        return True
    others = people.values[feature][~own & ~np.isnan(people.values[feature])]
    middle = people.median(feature, own)
    if middle is None or not len(others):
        return False
    near = float(np.percentile(others, _MIDDLE + direction * _QUARTER))
    high, low = (middle, near) if direction > 0 else (near, middle)
    return _is_more(high, low, unit, _FAR)


def _matters(
    people: People, feature: str, direction: int, unit: str, own: np.ndarray, others: np.ndarray, times: float = 1
) -> bool:
    """Whether some people are above others (or below, if direction is -1) by what matters to a shop, or by so many times that."""
    # of the others whoever it is known of, as pairs are made
    measure, own_value, other_value = _beside(people, feature, own, others & ~np.isnan(people.values[feature]))
    if measure == "mean" and unit in _AMOUNTS and feature not in people.trials:
        # whoever pays what half of the store pays is no less for what a few others pay
        return False
    high, low = (own_value, other_value) if direction > 0 else (other_value, own_value)
    return _is_more(high, low, unit, times)


def _is_more(high: float, low: float, unit: str, times: float) -> bool:
    """Whether one number is above another by so many times what matters to a shop."""
    more = round(high - low, 9)
    if unit in _PARTS:
        return more >= times * _DIFFERENCE or (times <= 1 and more >= times * _DIFFERENCE / 2 and high >= (1 + times) * low)
    return more > 0 and high >= (1 + times * (_RATIO - 1)) * low


def _beside(people: People, feature: str, own: np.ndarray, others: np.ndarray) -> tuple[str, float, float]:
    """A measure of a feature that tells some people (a mask) from others, and what it is of both."""
    if feature not in people.trials:
        middle, other_middle = people.median(feature, own), people.median(feature, others)
        if middle is not None and other_middle is not None and middle != other_middle:
            return "median", middle, other_middle
    mean, other_mean = people.mean(feature, own), people.mean(feature, others)
    return "mean", np.nan if mean is None else mean, np.nan if other_mean is None else other_mean


def _numbers(people: People, segment: int, words: Mapping[str, Any], claims: Sequence[Claim], namesake: int | None = None) -> str:
    """The segment's own numbers beside the store's: of what its name claims, then of the features that set it apart most.

    Where another segment has the same words, of what sets it apart from that one.

    None of what does not vary, nor one on the other side of the store's than the name says (whoever orders more often than most
    may have longer pauses than the few of whom pauses are known). Shares are of all trials together: of people with an order or
    two a median is nearly 0 or 1.
    """
    told: list[str] = []
    own_mask = people.segments == segment
    spoken_of = [claim for claim in claims if claim.feature in people.values and claim.measure != ABS_Z]
    claimed = [feature for claim in spoken_of if claim.measure != SHARE for feature in _told_by(words, claim.feature)]
    # so many orders are what something else is known by
    shares = [claim.feature for claim in spoken_of if claim.measure == SHARE and claim.feature not in _COUNTS]
    apart = sorted(people.scaled.keys() - set(claimed), key=lambda feature: (-abs(people.z(segment, feature) or 0.0), feature))
    ordered = [*claimed, *apart[:1], *shares, *apart[1:]] if claimed else [*shares, *apart]
    if namesake is not None:
        from_it = {
            feature: abs((people.z(segment, feature) or 0.0) - (people.z(namesake, feature) or 0.0)) for feature in people.scaled
        }
        ordered = sorted(from_it, key=lambda feature: (-from_it[feature], feature))
    for feature in dict.fromkeys(ordered):
        own, tells = own_mask & ~np.isnan(people.values[feature]), words.get(feature, {}).get("tells")
        least = _HALF if feature in (*claimed, *shares) else _MOST
        if own.sum() < least * own_mask.sum() or not own.any() or not tells:
            continue
        unit = words[feature]["unit"]
        known = ~np.isnan(people.values[feature])
        if unit == "hour":
            # after 23 comes 0, so that a mean of hours says nothing
            measure = "median"
            value, everybody = float(np.median(people.values[feature][own])), float(np.median(people.values[feature][known]))
        else:
            measure, value, everybody = _beside(people, feature, own, known)
        texts = [_number_text(number, unit) for number in (value, everybody)]
        # a number that hardly differs is no news, unless it is what the name says
        differs = unit == "hour" or any(_matters(people, feature, up, unit, own, known, _TELLING) for up in (1, -1))
        # a claim of both sides, now and then, is denied by neither
        signs = {(claim.inner[0] if claim.inner else claim.operator)[0] for claim in spoken_of if claim.feature == feature}
        denied = (signs == {"<"} and value > everybody) or (signs == {">"} and value < everybody)
        is_first = namesake is not None and not told
        if (not denied and (feature in claimed or (differs and texts[0] != texts[1]))) or (is_first and texts[0] != texts[1]):
            share = own.sum() / own_mask.sum()
            who = "They" if share >= _NEARLY_ALL else f"The {round(100 * share)}% of whom it is known"
            told.append(f"{who} {_with_noun(tells, texts[0])}, the store's {measure} is {texts[1]}.")
    return " ".join(told[:_TOLD])


def _known_of_them(people: People, segment: int, words: Mapping[str, Any], namesake: int, name: str) -> str:
    """What is known of the members and hardly of those of another segment of the same words, which tells the two apart."""
    own, others = people.segments == segment, people.segments == namesake
    for feature in people.scaled:
        known = ~np.isnan(people.values[feature])
        meaning = words.get(feature, {}).get("meaning")
        if meaning and own.any() and others.any() and known[own].mean() >= _MOST and known[others].mean() <= 1 - _NEARLY_ALL:
            return f"Of them it is known, and hardly of {name}: {meaning}."
    return ""


def _told_by(words: Mapping[str, Any], feature: str) -> list[str]:
    """What tells a feature: itself, or, where no sentence does, what its words claim."""
    if words.get(feature, {}).get("tells"):
        return [feature]
    claims = [*_word_claims(words, feature, -1), *_word_claims(words, feature, 1)]
    return list(dict.fromkeys(claim.feature for claim in claims if words.get(claim.feature, {}).get("tells")))


def _with_noun(tells: str, number: str) -> str:
    """A sentence's end with its number: of order/orders the noun that goes with it."""
    return re.sub(r"(\w+)/(\w+)", r"\1" if number == "1" else r"\2", tells).replace("{}", number)


def _number_text(value: float, unit: str) -> str:
    """A number as a reader takes it."""
    if unit == "percent":
        return f"{round(100 * value)}%"
    if unit == "hour":
        return f"{int(value) % 24}:00"
    if unit == "days" or abs(value) >= 100:
        return f"{round(value):,}"
    return f"{value:.2f}" if unit == "money" else f"{value:.2g}"


def _stem(words: str) -> str:
    """What a name says, however it is written."""
    return _plain(words).replace("_", "")


def _plain(name: str) -> str:
    """A name as names of axis segments are written, so that names of other kinds can be held against it."""
    return re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
