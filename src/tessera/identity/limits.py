"""How many customers, people or values are too many to be one person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Limits:
    """How many is too many.

    Parameters
    ----------
    per_person
        Kind of identifier -> how many values of it one person may have; `customer` is the number of customer ids that
        may be put together. A kind that is absent has no limit.
    shared_above
        Kind of identifier -> how many customers (of a device: people) a value may be linked to before it is evidence for none
        of them.
    """

    per_person: Mapping[str, int] = field(default_factory=dict)
    shared_above: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_rules(cls, rules: pa.Table) -> Limits:
        """Read the limits of the seed `identity_rules` (columns rule, identifier_type, max_count).

        Raises
        ------
        ValueError
            If a limit is missing or below 1 (below 0 for `shared_above`).
        """
        found: dict[str, dict[str, int]] = {"per_person": {}, "shared_above": {}}
        for row in rules.select(["rule_id", "rule", "identifier_type", "max_count"]).to_pylist():
            if row["rule"] in found:
                least = 1 if row["rule"] == "per_person" else 0
                if row["max_count"] is None or row["max_count"] < least:
                    raise ValueError(f"identity rule {row['rule_id']}: max_count must be {least} or more")
                found[row["rule"]][row["identifier_type"]] = int(row["max_count"])
        return cls(**found)
