"""Definitions of segments as sentences."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tessera.pictures.canvas import words

Rule = Mapping[str, str | None]
_COMPARED = {
    "equals": "is {}",
    "not_equals": "is not {}",
    "greater_than": "is over {}",
    "less_than": "is under {}",
    "greater_or_equal": "is at least {}",
    "less_or_equal": "is at most {}",
    "between": "is between {}",
    "range": "is between {}",
    "in": "is one of {}",
    "not_in": "is none of {}",
    "contains": "has {}",
    "not_contains": "does not have {}",
    "is_null": "is not known",
    "is_not_null": "is known",
    "exists": "is known",
}
_LONG_AGO = {
    "greater_than": "is in the last {}",
    "greater_or_equal": "is in the last {}",
    "less_than": "is more than {} ago",
    "less_or_equal": "is more than {} ago",
}


def definition(rules: str | None) -> str:
    """A segment's definition.

    Parameters
    ----------
    rules
        `rules` of the mart `segments`: JSON of its rules, or nothing.

    Returns
    -------
    str
        Such as "Total orders is over 0, and last order is more than 90 days ago".
    """
    listed = json.loads(rules) if rules else []
    if not listed:
        return "Kept as a list, or found by a model: it has no rules"
    return sentence(joined(listed))


def sentence(text: str) -> str:
    """Text that begins with a capital."""
    return text[:1].upper() + text[1:]


def joined(rules: Sequence[Rule]) -> str:
    """Rules of a group and of all groups within it: those of a group must all hold, of groups beside each other one."""
    return ", and ".join(_terms(rules, ""))


def _terms(rules: Sequence[Rule], group: str) -> list[str]:
    """What must all hold of a group; alternatives in brackets where they are more than one term, or stand beside others."""
    own = _without_weaker([rule for rule in rules if _group(rule) == group])
    start = f"{group}." if group else ""
    names = [_group(rule) for rule in rules]
    inner = sorted({name.removeprefix(start).split(".")[0] for name in names if name.startswith(start) and name != group})
    found, parts = [condition(rule) for rule in own], [_terms(rules, start + name) for name in inner]
    if len(parts) == 1:
        return [*found, *parts[0]]
    if parts:
        one = ", or ".join(terms[0] if len(terms) == 1 else f"({', and '.join(terms)})" for terms in parts)
        found.append(f"({one})" if found or group else f"either {one}")
    return found


def _without_weaker(rules: Sequence[Rule]) -> list[Rule]:
    """Rules that must all hold, without those that another one says more strictly: over 0.5 is at least 0.5, too."""
    return [
        rule
        for place, rule in enumerate(rules)
        if not any(
            _implies(other, rule) and not (_implies(rule, other) and other_place > place)
            for other_place, other in enumerate(rules)
            if other_place != place
        )
    ]


def _implies(rule: Rule, other: Rule) -> bool:
    """Whether whoever meets a rule meets another one: both are bounds of one number, on one side."""
    for sign, over, least in ((1, "greater_than", "greater_or_equal"), (-1, "less_than", "less_or_equal")):
        if rule.get("field") == other.get("field") and {rule["operator"], other["operator"]} <= {over, least}:
            bounds = [_number(one.get("value")) for one in (rule, other)]
            if bounds[0] is None or bounds[1] is None:
                return False
            more = sign * (bounds[0] - bounds[1])
            return more > 0 or (more == 0 and (rule["operator"] == over or other["operator"] == least))
    return False


def _number(value: str | None) -> float | None:
    """A rule's value as a number, if it is one."""
    try:
        return float(value or "")
    except ValueError:
        return None


def condition(rule: Rule) -> str:
    """One rule."""
    operator, value = rule["operator"] or "", rule.get("value") or ""
    if operator in ("did", "did_not"):
        times = rule.get("min_count") or "1"
        of = f" with {rule['properties']}" if rule.get("properties") else ""
        often = "" if times == "1" else f" at least {times} times"
        did = "did" if operator == "did" else "did not"
        return f"{did} {words(rule.get('event_type') or '')}{of}{often} in the last {rule.get('lookback_days')} days"
    field = words((rule.get("field") or "").removesuffix("_at").replace(".", " on "))
    if value.endswith(" ago") and operator in _LONG_AGO:
        return f"{field} {_LONG_AGO[operator].format(value.removesuffix(' ago'))}"
    shown = value.replace("..", " and ") if operator in ("between", "range") else value.replace("|", ", ")
    return f"{field} {_COMPARED[operator].format(shown)}"


def _group(rule: Rule) -> str:
    """The group of a rule, as marts call it or as seeds do."""
    return rule.get("group") or rule.get("rule_group") or ""


def within(low: float | None, high: float | None) -> str:
    """The interval of a number in words, with a blank before it; nothing where the past is too short for one."""
    return "" if low is None or high is None else f" ({low:,.0f} to {high:,.0f})"
