"""Who is a member of what, told night by night and person by person, in plain Python, as the descriptions have it.

Each id is, for each segment or cohort of its store, a member or not; or it was one until its time ran out, and waits until
the rules have not been met once. An id that turns out to be another person's hands over what it was to that person.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from support.membership_world import STORES, Group, Night, Rule

NEVER = datetime.max
COMPARISONS = {
    "greater_than": lambda value, other: value > other,
    "less_than": lambda value, other: value < other,
    "greater_or_equal": lambda value, other: value >= other,
    "less_or_equal": lambda value, other: value <= other,
    "equals": lambda value, other: value == other,
}


@dataclass
class Membership:
    """What one id is to one segment or cohort."""

    source: str
    score: float
    expires_at: datetime | None
    # its time ran out: no member any more, and none again by rules for now
    waits: bool = False


@dataclass
class Spell:
    """A time as a member without a break."""

    joined_at: datetime
    joined_reason: str
    score: float
    source: str
    expires_at: datetime | None
    left_at: datetime | None = None
    left_reason: str | None = None


def meets(rule: Rule, values: dict[str, object], as_of: datetime) -> bool:
    """Whether a person meets a rule; a value that is not known meets is_null alone."""
    value = values[rule.field]
    if rule.operator == "is_null" or value is None:
        return rule.operator == "is_null" and value is None
    if rule.operator == "in":
        return value in rule.value.split("|")
    if isinstance(value, bool):
        other = rule.value == "true"
    elif isinstance(value, datetime):
        other = as_of - timedelta(days=int(rule.value.split(" ")[0]))
    else:
        other = Decimal(rule.value)
    return COMPARISONS[rule.operator](value, other)


def joined(rules: list[Rule], met: set[str]) -> bool:
    """Whether the rules hold together; no rules hold for nobody."""
    groups: dict[str | None, list[bool]] = defaultdict(list)
    for rule in rules:
        groups[rule.rule_group].append(rule.rule_id in met)
    always = groups.pop(None, [])
    return bool(rules) and all(always) and (not groups or any(all(group) for group in groups.values()))


class Oracle:
    """The state after the nights that it was told."""

    def __init__(self) -> None:
        # (store, kind, group, id) -> what it is, and its times as a member
        self.now: dict[tuple[str, str, str, str], Membership] = {}
        self.spells: dict[tuple[str, str, str, str], list[Spell]] = defaultdict(list)
        # (store, kind, group) -> when its rules were last looked at, and what they were
        self.looked: dict[tuple[str, str, str], tuple[datetime, tuple[Rule, ...]]] = {}
        # (store, id) -> the rules that were met, by night
        self.met: dict[tuple[str, str], list[tuple[datetime, set[str]]]] = defaultdict(list)
        # (store, kind, group, id, night) -> ids and fields of the rules that moved someone
        self.moved: dict[tuple, tuple[str | None, str | None]] = {}
        self.names: dict[tuple[str, str], str] = {}

    def copy(self) -> Oracle:
        """The same state, for a night that is run again."""
        return copy.deepcopy(self)

    def tell(self, night: Night) -> None:
        """One more night."""
        self.names = night.names
        met = {
            person: {
                rule.rule_id
                for group in night.groups
                if group.is_active
                for rule in group.rules
                if meets(rule, values, night.as_of)
            }
            for person, values in night.people.items()
        }
        for group in night.groups:
            for store in STORES:
                if group.store_id in (None, store):
                    self._look(night, group, store, {person: rules for (at, person), rules in met.items() if at == store})
        for person, rules in met.items():
            self.met[person].append((night.as_of, rules))

    def _look(self, night: Night, group: Group, store: str, met: dict[str, set[str]]) -> None:
        """One group of one store in one night."""
        as_of, place = night.as_of, (store, group.kind, group.group_id)
        before = self.looked.get(place)
        is_due = group.is_active and (
            before is None
            or before[1] != group.rules
            or group.group_id in night.refresh_segments
            or (group.auto_refresh and before[0] + timedelta(days=group.refresh_days) <= as_of)
        )
        if is_due:
            self.looked[place] = (as_of, group.rules)
        listed = self._listed(night, group, store) if group.is_active and group.kind == "segment" else {}

        earlier = {key[3]: state for key, state in self.now.items() if key[:3] == place}
        inherited: dict[str, list[tuple[str, Membership]]] = defaultdict(list)
        for name, state in earlier.items():
            person = night.names.get((store, name))
            if person is not None and person != name:
                inherited[person].append((name, state))
            if not state.waits and person != name:
                self._leave((*place, name), as_of, "gone" if person is None else "merged")
            elif state.waits and person is None and is_due:
                del self.now[*place, name]

        for person in sorted(set(met) | set(listed)):
            own = earlier.get(person)
            heirlooms = inherited[person]
            was_member = own is not None and not own.waits
            brought = [state for _, state in heirlooms if not state.waits]
            waiting = [name for name, state in [(person, own), *heirlooms] if state is not None and state.waits]
            was_automatic = any(state.source == "automatic" for state in [own, *brought] if state is not None and not state.waits)
            rules_want = self._rules_want(group, met.get(person, set()), is_due, was_automatic)
            key = (*place, person)
            if is_due and not rules_want:
                for name in waiting:
                    del self.now[*place, name]
            if person in listed:
                self._set(key, as_of, "merged" if brought else "added", listed[person], was_member)
            elif rules_want and was_member:
                if own.source != "automatic":
                    self._set(key, as_of, "changed", self._by_rules(group, as_of, brought), was_member)
                elif own.expires_at is not None and own.expires_at <= as_of:
                    self._leave(key, as_of, "expired")
                    self.now[key] = Membership(own.source, own.score, own.expires_at, waits=True)
            elif rules_want:
                if not waiting or any(state.source == "automatic" for state in brought):
                    reason = "merged" if brought else "criteria"
                    self._set(key, as_of, reason, self._by_rules(group, as_of, brought), was_member)
                    self._why(key, group, reason, before, as_of, met[person])
            elif was_member:
                reason = "criteria" if own.source == "automatic" else "removed"
                if not group.is_active:
                    reason = "inactive"
                elif reason == "removed" and own.expires_at is not None and own.expires_at <= as_of:
                    reason = "expired"
                self._leave(key, as_of, reason)
                self._why(key, group, reason, before, as_of, met.get(person, set()))

    def _rules_want(self, group: Group, met: set[str], is_due: bool, was_automatic: bool) -> bool:
        """Segments ask on the nights on which they are due and keep their members meanwhile; cohorts keep who does not leave."""
        if not group.is_active:
            return False
        entry = joined([rule for rule in group.rules if rule.criterion == "entry"], met)
        if group.kind == "segment":
            return entry if is_due else was_automatic
        leaves = joined([rule for rule in group.rules if rule.criterion == "exit"], met)
        return not leaves and (was_automatic or (is_due and entry))

    def _by_rules(self, group: Group, as_of: datetime, brought: list[Membership]) -> Membership:
        """A membership by rules, for so many days; one that came with another id ends when it would have there."""
        ends = [state.expires_at for state in brought if state.source == "automatic" and state.expires_at is not None]
        own_end = as_of + timedelta(days=group.expires_after_days) if group.expires_after_days else None
        return Membership("automatic", 1.0, min(ends, default=own_end))

    def _listed(self, night: Night, group: Group, store: str) -> dict[str, Membership]:
        """Who is on the lists tonight; of several rows of a person the one that was added last."""
        found: dict[str, Membership] = {}
        rows = [
            row
            for row in night.imports
            if (row.store_id, row.group_id) == (store, group.group_id)
            and row.added_at < night.as_of
            and (row.removed_at or NEVER) >= night.as_of
            and (row.expires_at or NEVER) > night.as_of
        ]
        for row in sorted(rows, key=lambda row: (-row.added_at.timestamp(), row.customer_id)):
            person = night.names.get((store, row.customer_id))
            if person is not None:
                score = 1.0 if row.score is None else float(row.score)
                found.setdefault(person, Membership(row.source, score, row.expires_at))
        return found

    def _set(self, key: tuple, as_of: datetime, reason: str, state: Membership, was_member: bool) -> None:
        """Somebody joins, or goes on as another kind of member."""
        self.now[key] = state
        if not was_member:
            self.spells[key].append(Spell(as_of, reason, state.score, state.source, state.expires_at))
        spell = self.spells[key][-1]
        spell.score, spell.source, spell.expires_at = state.score, state.source, state.expires_at

    def _leave(self, key: tuple, as_of: datetime, reason: str) -> None:
        del self.now[key]
        spell = self.spells[key][-1]
        spell.left_at, spell.left_reason = as_of, reason

    def _why(self, key: tuple, group: Group, reason: str, before: tuple | None, as_of: datetime, met: set[str]) -> None:
        """The rules that hold now and did not when the group was last looked at, or the other way round."""
        if reason != "criteria":
            return
        known = [rules for when, rules in self.met[key[0], key[3]] if before is not None and when <= before[0]]
        flips = [] if not known else [rule for rule in group.rules if (rule.rule_id in known[-1]) != (rule.rule_id in met)]
        self.moved[*key, as_of] = (
            ",".join(sorted(rule.rule_id for rule in flips)) or None,
            ",".join(sorted({rule.field for rule in flips})) or None,
        )

    def told(self) -> set[tuple]:
        """The spells as int_membership_spells has them: under the ids of tonight, those of one person that touch as one."""
        pieces: dict[tuple, list[tuple[str, Spell]]] = defaultdict(list)
        for (store, kind, group, name), spells in self.spells.items():
            person = self.names.get((store, name), name)
            pieces[store, kind, group, person].extend((name, spell) for spell in spells)
        return {(*key, *united) for key, spells in pieces.items() for united in self._united(spells)}

    @staticmethod
    def _united(spells: list[tuple[str, Spell]]) -> list[tuple]:
        islands: list[list[tuple[str, Spell]]] = []
        for name, spell in sorted(spells, key=lambda piece: (piece[1].joined_at, piece[0])):
            if islands and max(other.left_at or NEVER for _, other in islands[-1]) >= spell.joined_at:
                islands[-1].append((name, spell))
            else:
                islands.append([(name, spell)])
        rows = []
        for island in islands:
            # that an id went over to another one says less than what became of that one in the same night
            last = max(
                island,
                key=lambda piece: (piece[1].left_at or NEVER, piece[1].left_reason != "merged", piece[1].joined_at, piece[0]),
            )[1]
            first = island[0][1]
            rows.append(
                (first.joined_at, last.left_at, first.joined_reason, last.left_reason, last.score, last.source, last.expires_at)
            )
        return rows
