"""A segment that somebody is about to define: what is wrong with it, whom it would have, and the rows that make it.

Rules are read by the project's own models of rules, over seeds in memory, and compiled by its own macros: what is previewed is
what the next night would count. Nothing is written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from tessera.dashboard.queries import NUMBER, TEXT, WHOLE, columns
from tessera.dashboard.sentences import condition, sentence
from tessera.macros import Macros
from tessera.seeds import SeedError
from tessera.warehouse.marts import Marts

Rule = Mapping[str, str | None]
RULE = ("rule_group", "field", "operator", "value", "event_type", "min_count", "lookback_days", "properties")
BEHAVIOR = ("did", "did_not")
_RULES_SEED, _DEFINITIONS_SEED = "custom_segment_rules", "custom_segment_definitions"
# Fields of this level and above are of who is in a segment, which rules of segments cannot ask.
_SEGMENT_LEVEL = 9
_PLACES = {"intermediate": "steps", "ledgers": "steps", "staging": "staged", "marts": "marts"}
_SCORED = (
    "wtp_score",
    "lead_score",
    "health_score",
    "risk_score",
    "journey_stage",
    "journey_stage_entered_at",
    "lifecycle_stage",
)


@dataclass(frozen=True)
class Draft:
    """A segment that is not there yet.

    Parameters
    ----------
    name, description
        As people are to read them.
    rules
        Rules with the columns `RULE`; what is absent is empty.
    """

    name: str
    description: str
    rules: tuple[tuple[str | None, ...], ...]

    @property
    def segment_id(self) -> str:
        """The id that follows from the name."""
        return re.sub("[^a-z0-9]+", "-", self.name.lower()).strip("-")[:50] or "new-segment"

    def listed(self) -> list[dict[str, str | None]]:
        """Rules as rows of their seed."""
        return [
            {"rule_id": f"{self.segment_id}-{number}", "segment_id": self.segment_id, **dict(zip(RULE, rule, strict=True))}
            for number, rule in enumerate(self.rules, start=1)
        ]


def draft(name: str, description: str, rules: Sequence[Rule]) -> Draft:
    """Make a draft of rules, blanks and empty text being nothing."""
    filled = ({column: (str(rule.get(column) or "")).strip() or None for column in RULE} for rule in rules)
    return Draft(name.strip(), description.strip(), tuple(tuple(rule.values()) for rule in filled))


class Builder:
    """Reads and compiles drafts for a project and an engine.

    Parameters
    ----------
    project
        The folder of the dbt project.
    engine
        ``duckdb`` or ``postgres``.
    night
        The night that the marts are of, YYYY-MM-DD HH:MM:SS: the clock of rules.

    Raises
    ------
    SeedError
        If that is no folder of the project.
    """

    def __init__(self, project: Path, engine: str, night: str) -> None:
        if not (project / "macros" / "rules.sql").is_file():
            raise SeedError(
                f"There is no project of Tessera in '{project}': start the dashboard in its folder, or say it with --project"
            )
        self._project = project
        self._places = _places(project)
        # rules are read in memory by DuckDB whatever engine they are for
        self._reading = Macros(project, "duckdb", {"as_of": night}, lambda name: f'"{name}"')
        self._compiling = Macros(project, engine, {"as_of": night}, lambda name: f"{{{self._places[name]}}}.{name}")

    def fields(self) -> dict[str, dict[str, str]]:
        """What rules may ask of a person: rows of the seed `profile_fields` by field, with a position for every axis."""
        rows = {row["field"]: row for row in self._seed("profile_fields")}
        position, _ = rows.pop("axis_position"), rows.pop("axis_membership")
        axes = dict.fromkeys(row["axis_name"] for row in self._seed("axes"))
        # what is known when segments are made
        rows = {name: row for name, row in rows.items() if int(row["level"]) < _SEGMENT_LEVEL}
        return rows | {f"axis_position.{axis}": {**position, "field_type": "number"} for axis in axes}

    def operators(self, field_type: str) -> list[str]:
        """Operators of a type of field."""
        return [row["operator"] for row in self._seed("rule_operators") if row["field_type"] == field_type]

    def event_types(self) -> list[str]:
        """Types of events by their canonical names."""
        rows = [*self._seed("event_types"), *self._seed("custom_event_types")]
        return sorted({row["event_type"] for row in rows if row["event_type"]})

    def read(self, of: Draft) -> tuple[list[dict[str, Any]], list[str]]:
        """Read a draft's rules as a build does: rules as the compiler takes them, and what is wrong with them."""
        import duckdb

        with duckdb.connect() as engine:
            for seed in (
                "score_rules",
                "custom_score_rules",
                "lifecycle_rules",
                "scores",
                "axes",
                "profile_fields",
                "rule_operators",
                "axis_words",
            ):
                engine.read_csv(str(self._path(seed)), all_varchar=seed.endswith("_rules")).to_table(seed)
            engine.execute("create table stg_event_types (event_type text)")
            engine.executemany("insert into stg_event_types values (?)", [[name] for name in self.event_types()])
            names = ["source_seed", "rule_id", "segment_id", *RULE]
            described = ", ".join(f"{name} text" for name in names)
            engine.execute(f"create table int_segment_rules ({described})")
            engine.execute(f"create table int_cohort_rules ({described.replace('segment_id', 'cohort_id')}, criterion text)")
            engine.execute(f"create table int_action_rules ({described.replace('segment_id', 'action_id')}, description text)")
            rows = [[_RULES_SEED, *rule.values()] for rule in of.listed()]
            if rows:
                engine.executemany(f"insert into int_segment_rules values ({', '.join('?' * len(names))})", rows)
            engine.execute(f"create table int_rule_fields as {self._model(self._reading, 'int_rule_fields')}")
            engine.execute(f"create table int_rules as {self._model(self._reading, 'int_rules')}")
            errors = self._model(self._reading, "int_condition_errors")
            problems = engine.execute(
                f"select rule_id, reason from ({errors}) where owner_id = ? order by rule_id",
                [of.segment_id],
            ).fetchall()
            found = engine.execute("select * from int_rules where rule_kind = 'segment' order by rule_id")
            columns_ = [column[0] for column in found.description or []]
            read = [dict(zip(columns_, row, strict=True)) for row in found.fetchall()]
        number = {f"{of.segment_id}-{at}": at for at in range(1, len(of.rules) + 1)}
        return read, [f"Rule {number[rule_id]}: {reason}" for rule_id, reason in problems]

    def condition(self, rules: Sequence[Mapping[str, Any]]) -> str:
        """Compile rules to the condition of a build, over a person's facts called `profiles`."""
        return self._compiling.render("{{ rules_joined(rules, 'profiles') }}", rules=rules).strip()

    def people(self, rules: Sequence[Mapping[str, Any]]) -> str:
        """Compile rules to a query of whoever of a store meets them: customer_id and total_revenue. ``$1`` is the store.

        Raises
        ------
        SeedError
            If a rule asks for properties of events, which no page reads.
        """
        counted = [
            {**rule, "min_count": int(rule["min_count"]), "lookback_days": int(rule["lookback_days"])}
            for rule in rules
            if rule["is_behavior"]
        ]
        behaviors = ""
        if counted:
            if self._compiling.render("{{ behavior_rules(rules, by_day=false) | length }}", rules=counted).strip() != "0":
                raise SeedError("What events say of themselves (properties, rare types) is counted by a night, not by a page")
            met = self._model(self._compiling, "int_behavior_rules_met", counted)
            behaviors = f"""
                left join ({met}) as behaviors
                    on profiles.store_id = behaviors.store_id and profiles.customer_id = behaviors.customer_id"""
        scored = ", ".join(f"results.{name}" for name in _SCORED)
        return f"""
            select profiles.customer_id, profiles.total_revenue
            from (
                select facts.*, {scored}
                from {{steps}}.int_profile_facts as facts
                inner join {{steps}}.int_rule_results as results
                    on facts.store_id = results.store_id and facts.customer_id = results.customer_id
            ) as profiles{behaviors}
            where profiles.store_id = $1 and ({self.condition(rules)})"""

    def rows(self, of: Draft, store: str | None = None) -> dict[str, str]:
        """Lines of CSV to append, by the file that they belong to; `store` makes the segment one store's."""
        definition = {
            "segment_id": of.segment_id,
            "name": of.name or of.segment_id,
            "description": of.description,
            "segment_type": "custom",
            "status": "active",
            "business_unit": "all",
            "store_id": store,
            "refresh_days": "1",
            "auto_refresh": "true",
        }
        return {
            f"seeds/custom/{_DEFINITIONS_SEED}.csv": self._lines(_DEFINITIONS_SEED, [definition]),
            f"seeds/custom/{_RULES_SEED}.csv": self._lines(
                _RULES_SEED, [{**rule, "description": sentence(condition(rule))} for rule in of.listed()]
            ),
        }

    def _lines(self, seed: str, rows: Sequence[Mapping[str, str | None]]) -> str:
        """Rows as lines of a seed, in the order of its columns."""
        file = io.StringIO()
        with self._path(seed).open(encoding="utf-8", newline="") as there:
            header = next(csv.reader(there))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([row.get(name) or "" for name in header] for row in rows)
        return file.getvalue()

    def _model(self, macros: Macros, name: str, rules: Sequence[Mapping[str, Any]] = ()) -> str:
        """A model as SQL, with a draft's rules in place of those of the warehouse."""
        # what reads events has no rows: people() refuses what needs them
        nobody = "(select '' as store_id, '' as customer_id, '' as rule_id where false)"

        def ref(model: str) -> str:
            return nobody if model == "int_event_rules_met" else str(macros.ref(model))

        return macros.render(self._found(name).read_text(encoding="utf-8"), rules_of=lambda _kinds: list(rules), ref=ref)

    def _found(self, name: str) -> Path:
        return next((self._project / "models").rglob(f"{name}.sql"))

    def _path(self, seed: str) -> Path:
        return next((self._project / "seeds").rglob(f"{seed}.csv"))

    def _seed(self, name: str) -> list[dict[str, str]]:
        with self._path(name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@cache
def _places(project: Path) -> dict[str, str]:
    """Model -> the layer in whose schema it is."""
    return {
        path.stem: _PLACES.get(path.relative_to(project / "models").parts[0], "steps")
        for path in (project / "models").rglob("*.sql")
    }


def preview(marts: Marts, store: str, people: str) -> pa.Table:
    """How many people of a store a compiled draft has, what they are worth, and how many people there are: one row."""
    statement = f"""
        select
            count(*) as members,
            sum(met.total_revenue) as revenue,
            avg(met.total_revenue) as average_value,
            (select count(*) from {{marts}}.audience_profiles where store_id = $1) as people
        from ({people}) as met"""
    return marts.ask(statement, columns(members=WHOLE, revenue=NUMBER, average_value=NUMBER, people=WHOLE), store)


def shared(marts: Marts, store: str, people: str) -> pa.Table:
    """Segments that a compiled draft shares members with, those that share most first."""
    statement = f"""
        with met as ({people}), counted as (select count(*) as members from met)
        select
            segments.name,
            count(*) as shared_count,
            cast(count(*) as double precision) / min(counted.members) as shared_rate
        from met
        cross join counted
        inner join {{marts}}.segment_memberships as memberships on met.customer_id = memberships.customer_id
        inner join {{marts}}.segments as segments
            on memberships.store_id = segments.store_id and memberships.segment_id = segments.segment_id
        where memberships.store_id = $1 and memberships.is_current and segments.segment_type <> 'axis'
        group by segments.segment_id, segments.name"""
    table = marts.ask(statement, columns(name=TEXT, shared_count=WHOLE, shared_rate=NUMBER), store)
    return table.sort_by([("shared_count", "descending"), ("name", "ascending")])
