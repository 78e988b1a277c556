"""Identity resolution as a function: the rules one by one, and against a slow and plain oracle."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from tessera.identity import COMPONENTS, Limits, resolve

START = datetime(2025, 1, 1)
SCHEMA = pa.schema(
    [
        ("store_id", pa.string()),
        ("left_identifier", pa.string()),
        ("right_identifier", pa.string()),
        ("priority", pa.int32()),
        ("first_at", pa.timestamp("us")),
        ("joins_customers", pa.bool_()),
    ]
)
LIMITS = Limits({"customer": 3, "email": 4, "anon": 5}, {"email": 1, "anon": 3})


def table(*links):
    """Links as (left, right[, priority[, day[, joins[, store]]]])."""
    rows = []
    for link in links:
        left, right, priority, day, joins, store = (*link, *(1, 0, False, "s")[len(link) - 2 :])
        rows.append(
            {
                "store_id": store,
                "left_identifier": left,
                "right_identifier": right,
                "priority": priority,
                "first_at": None if day is None else START + timedelta(days=day),
                "joins_customers": joins,
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def people(*links, limits=LIMITS):
    """Components as sets of identifiers, and what stands alone for a reason."""
    found, apart = {}, {}
    for row in resolve(table(*links), limits).to_pylist():
        found.setdefault((row["store_id"], row["component"]), set()).add(row["identifier"])
        if row["status"] != "ok":
            apart[row["identifier"]] = row["status"]
    return sorted(map(sorted, found.values())), apart


def test_what_rows_tie_together_is_one_person():
    assert people(("customer:1", "email:a"), ("email:a", "anon:x"), ("customer:2", "anon:y")) == (
        [["anon:x", "customer:1", "email:a"], ["anon:y", "customer:2"]],
        {},
    )


def test_a_store_and_an_identifier_are_two_things_whatever_they_hold():
    links = table(("customer:1", "email:a", 1, 0, False, "s\x1fcustomer:1"), ("customer:1\x1fcustomer:1", "email:a"))
    found = resolve(links, LIMITS)
    assert [(row["store_id"], row["component"], row["component_size"]) for row in found.to_pylist()] == [
        ("s", "customer:1\x1fcustomer:1", 2),
        ("s", "customer:1\x1fcustomer:1", 2),
        ("s\x1fcustomer:1", "customer:1", 2),
        ("s\x1fcustomer:1", "customer:1", 2),
    ]


def test_a_shared_email_belongs_to_neither_customer():
    assert people(("customer:1", "email:a"), ("customer:2", "email:a")) == (
        [["customer:1"], ["customer:2"], ["email:a"]],
        {"email:a": "shared"},
    )


def test_an_email_that_joins_customers_makes_them_one_person():
    assert people(("customer:1", "email:a", 1, 0, True), ("customer:2", "email:a", 1, 0, True)) == (
        [["customer:1", "customer:2", "email:a"]],
        {},
    )


def test_one_side_that_joins_is_not_enough():
    assert people(("customer:1", "email:a", 1, 0, True), ("customer:2", "email:a")) == (
        [["customer:1", "email:a"], ["customer:2"]],
        {},
    )


def test_a_value_never_joins_more_customers_than_a_person_may_have():
    links = [(f"customer:{number}", "stripe:x", 1, 0, True) for number in range(4)]
    assert people(*links[:3])[0] == [["customer:0", "customer:1", "customer:2", "stripe:x"]]
    assert [group for group in people(*links)[0] if len(group) > 2] == []


def test_a_chain_never_joins_more_customers_than_a_person_may_have():
    links = [
        link
        for number in range(3)
        for link in (
            (f"customer:{number}", f"stripe:{number}", 1, 0, True),
            (f"customer:{number + 1}", f"stripe:{number}", 1, 0, True),
        )
    ]
    groups, _ = people(*links)
    assert all(sum(name.startswith("customer") for name in group) == 1 for group in groups)


def test_a_device_of_two_customers_goes_to_the_better_evidence():
    assert people(("customer:1", "anon:x", 2, 0), ("customer:2", "anon:x", 1, 9))[0] == [["anon:x", "customer:2"], ["customer:1"]]


def test_equal_evidence_goes_to_the_earlier_and_then_to_the_first_name():
    assert people(("customer:1", "anon:x", 1, 5), ("customer:2", "anon:x", 1, 4))[0] == [["anon:x", "customer:2"], ["customer:1"]]
    assert people(("customer:2", "anon:x"), ("customer:1", "anon:x"))[0] == [["anon:x", "customer:1"], ["customer:2"]]
    assert people(("customer:1", "anon:x", 1, None), ("customer:2", "anon:x", 1, 4))[0] == [
        ["anon:x", "customer:2"],
        ["customer:1"],
    ]


def test_a_kiosk_belongs_to_nobody_and_joins_nobody():
    links = [(f"customer:{number}", "anon:kiosk") for number in range(300)] + [("email:guest", "anon:kiosk")]
    groups, apart = people(*links)
    assert all(len(group) == 1 for group in groups) and apart == {"anon:kiosk": "shared"}


@pytest.mark.parametrize("kinds", [["email"], ["phone"], ["customer"], ["customer", "email", "phone"]])
@pytest.mark.parametrize("count", [4, 6, 12])
def test_a_kiosk_takes_nobody_their_own_devices_whatever_identifies_them(kinds, count):
    own = [(f"{kinds[number % len(kinds)]}:{number}", f"anon:{number}-{phone}") for number in range(count) for phone in range(2)]
    kiosk = [(f"{kinds[number % len(kinds)]}:{number}", "anon:kiosk", 1, -1) for number in range(count)]
    groups, apart = people(*own, *kiosk)
    assert apart == {"anon:kiosk": "shared"}
    assert groups == sorted([["anon:kiosk"], *(sorted({own[2 * n][0], own[2 * n][1], own[2 * n + 1][1]}) for n in range(count))])


def test_several_identifiers_of_one_person_make_no_kiosk_of_a_device():
    links = [("customer:1", f"email:{number}") for number in range(3)] + [("customer:1", "phone:1")]
    links += [(other, "anon:x") for other in ("customer:1", "phone:1", *(f"email:{number}" for number in range(3)))]
    assert people(*links) == ([["anon:x", "customer:1", "email:0", "email:1", "email:2", "phone:1"]], {})


def test_a_known_graph_of_devices_and_addresses_gives_its_known_answer():
    # the shape of a public tutorial, whose answer is 171: people with an address and devices of their own, and five tills at
    # which twelve of them each gave their address
    own = [(f"email:{number}", f"anon:{number}-{device}") for number in range(171) for device in range(1 + number % 9)]
    tills = [(f"email:{12 * till + number}", f"anon:till{till}") for till in range(5) for number in range(12)]
    groups, apart = people(*own, *tills, limits=Limits({"email": 10, "anon": 200}, {"email": 2, "anon": 3}))
    assert apart == {f"anon:till{till}": "shared" for till in range(5)}
    assert len([group for group in groups if len(group) > 1]) == 171
    assert sum(len(group) for group in groups) == 5 + 171 + len(own)


def test_two_customers_along_a_chain_are_cut_at_the_worst_tie():
    links = [("customer:1", "anon:x", 1), ("anon:x", "email:a", 3), ("email:a", "anon:y", 2), ("customer:2", "anon:y", 1)]
    assert people(*links)[0] == [["anon:x", "customer:1"], ["anon:y", "customer:2", "email:a"]]


def test_the_worst_tied_values_beyond_the_limit_stand_alone():
    links = [("customer:1", f"anon:{number}", 1, number) for number in range(7)]
    groups, apart = people(*links)
    assert apart == {"anon:5": "too_many", "anon:6": "too_many"}
    assert ["anon:0", "anon:1", "anon:2", "anon:3", "anon:4", "customer:1"] in groups


def test_nothing_crosses_a_store():
    assert len(people(("customer:1", "email:a", 1, 0, True, "s"), ("customer:1", "email:a", 1, 0, True, "t"))[0]) == 2


def test_values_with_colons_and_of_any_script_stay_whole():
    assert people(("customer:a:b", "email:ü:@x"))[0] == [["customer:a:b", "email:ü:@x"]]


def test_no_links_give_an_empty_table():
    assert resolve(SCHEMA.empty_table(), LIMITS).equals(COMPONENTS.empty_table())


def test_a_null_identifier_is_refused():
    with pytest.raises(ValueError, match="must not be null"):
        resolve(table(("customer:1", None)), LIMITS)


def test_limits_are_read_from_rules():
    rules = pa.table(
        {
            "rule_id": ["a", "b", "c"],
            "rule": ["per_person", "shared_above", "blocked"],
            "identifier_type": ["email", "anon", "any"],
            "max_count": pa.array([4, 0, None], pa.int64()),
        }
    )
    assert Limits.from_rules(rules) == Limits({"email": 4}, {"anon": 0})
    with pytest.raises(ValueError, match="identity rule a"):
        Limits.from_rules(rules.set_column(3, "max_count", pa.array([0, 0, None], pa.int64())))


class Sets:
    """Union-find, slow and plain."""

    def __init__(self):
        self.parent = {}

    def find(self, name):
        while self.parent.setdefault(name, name) != name:
            name = self.parent[name]
        return name

    def join(self, a, b):
        self.parent[self.find(a)] = self.find(b)

    def groups(self):
        found = {}
        for name in list(self.parent):
            found.setdefault(self.find(name), set()).add(name)
        return found


def oracle(links, limits):
    """The method as sentences: the best link of a pair, in order of rank, refused where it would join two persons."""
    best, joining = {}, set()
    for left, right, priority, day, joins, _ in links:
        pair = tuple(sorted((left, right)))
        best[pair] = min(best.get(pair, (99, 10**6)), (priority, 10**6 if day is None else day))
        if joins:
            joining.add(pair)
    ordered = sorted(best, key=lambda pair: (best[pair], pair))
    names = sorted({name for pair in ordered for name in pair})
    customers = [name for name in names if name.startswith("customer:")]

    def linked(pairs, name, person):
        others = [b if a == name else a for a, b in pairs if name in (a, b)]
        return {person(other) for other in others if other in customers}

    most = limits.per_person["customer"]
    crowded = {name for name in names if len(linked(joining, name, str)) > most}
    joining = {pair for pair in joining if not crowded & set(pair)}
    for _ in range(2):
        joined = Sets()
        for name in names:
            joined.find(name)
        for pair in joining:
            joined.join(*pair)
        joining = {pair for pair in joining if len(joined.groups()[joined.find(pair[0])] & set(customers)) <= most}
    persons = {joined.find(name): group for name, group in ((n, joined.groups()[joined.find(n)]) for n in names)}

    def person(name):
        return joined.find(name) if persons[joined.find(name)] & set(customers) else None

    def kruskal(pairs):
        sets, owner = Sets(), {}
        for name in names:
            sets.find(name)
        for pair in joining:
            if person(pair[0]) is not None:
                sets.join(*pair)
        for name in names:
            if person(name) is not None:
                owner[sets.find(name)] = person(name)
        for a, b in pairs:
            a, b = sets.find(a), sets.find(b)
            if a != b and (a not in owner or b not in owner):
                together = owner.get(a, owner.get(b))
                sets.join(a, b)
                if together is not None:
                    owner[sets.find(b)] = together
        return sets

    def is_device(name):
        return name.startswith("anon:")

    shared = {
        name
        for name in names
        if name not in customers
        and person(name) is None
        and not is_device(name)
        and len(linked(ordered, name, person)) > limits.shared_above.get(name.split(":")[0], 10**9)
    }
    allowed = [pair for pair in ordered if not shared & set(pair)]
    # people are what hangs together without devices; a device of too many is a kiosk
    joining_all, joining = joining, {pair for pair in joining if not any(map(is_device, pair))}
    people_of = kruskal([pair for pair in allowed if not any(map(is_device, pair))])
    joining = joining_all
    kiosks = set()
    for name in filter(is_device, names):
        others = {b if a == name else a for a, b in allowed if name in (a, b)}
        found = {people_of.find(other) for other in others if not is_device(other)}
        if person(name) is None and len(found) > limits.shared_above.get("anon", 10**9):
            kiosks.add(name)
    sets = kruskal([pair for pair in allowed if not kiosks & set(pair)])
    return sorted(map(sorted, sets.groups().values())), shared | kiosks


@pytest.mark.parametrize("seed", range(150))
def test_resolution_agrees_with_a_plain_oracle_in_any_order_of_the_rows(seed):
    random.seed(seed)
    limits = Limits({"customer": random.choice([1, 2, 3])}, {"email": random.choice([1, 2]), "anon": random.choice([1, 2, 3])})
    names = [
        f"{kind}:{number}"
        for kind, count in (("customer", 5), ("email", 5), ("anon", 6), ("stripe", 2))
        for number in range(count)
    ]
    links = []
    while len(links) < random.randint(1, 30):
        left, right = random.sample(names, 2)
        kinds = {left.split(":")[0], right.split(":")[0]}
        if len(kinds) == 2:
            links.append(
                (
                    left,
                    right,
                    random.randint(1, 3),
                    random.choice([None, 0, 1, 2]),
                    "stripe" in kinds or ("anon" not in kinds and random.random() < 0.3),
                    "s",
                )
            )
    groups, shared = oracle(links, limits)
    found, apart = people(*links, limits=limits)
    assert (found, set(apart)) == (groups, shared)
    shuffled = random.sample(links, len(links))
    turned = [(b, a, *rest) if random.random() < 0.5 else (a, b, *rest) for a, b, *rest in shuffled]
    assert resolve(table(*turned), limits).equals(resolve(table(*links), limits))
