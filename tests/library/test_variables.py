"""Vars: what each may be, what is said of one that may not, and whose a name is that is none of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tessera.variables import VARS, parsed_vars, variable_problems

PROJECT = Path(__file__).resolve().parents[2]
# For every var, values that it cannot have.
ILLEGAL: dict[str, list[str]] = {
    "raw_database": ["3", '"o\'brien"'],
    "raw_schema": ["", "[raw]"],
    "raw_tables": ["orders", "[order_itmes]", "[1]"],
    "readers": ["[1]", "{bi: 1}"],
    "as_of": ["yesterday", "20250630", "'2025-02-30'", "2025-06-30 03:00:00+02:00", "'2025-6-30'", "'2025-06-30 25:00'"],
    "is_night": ["1", "'true'"],
    "rebuild_from": ["true", "last"],
    "earliest_date": ["", "1997"],
    "loaded_at_overlap_hours": ["-1", "six", "'6'"],
    "session_timeout_minutes": ["-1", "half an hour", "true", ".inf"],
    "session_max_gap_hours": ["-1", "1000001"],
    "quarantine_session_hours": ["a day"],
    "quarantine_session_events": ["0", "1.5"],
    "engaged_session_seconds": ["-0.1"],
    "opens_are_activity": ["0", "'no'", ""],
    "time_spent_cap_minutes": ["[30]"],
    "merge_customers_by": ["email", "[mail]", "[email, 1]"],
    "max_identity_cluster": ["0"],
    "interest_days": ["0", "36501", "3.5"],
    "new_customer_days": ["-1"],
    "refresh_segments": ["at-risk-customers", "[at-risk-customer]"],
    "impulse_window_minutes": ["ten"],
    "rfm_scheme": ["", "eight", "8"],
    "acquisition_basis": ["birth", ""],
    "cohort_activity": ["visits"],
    "daily_history_days": ["0"],
    "false_alarm_rate": ["0", "1", "seldom"],
    "min_k": ["1", "two", "7"],
    "max_k": ["1", "1000000001"],
    "min_population": ["ten", "2"],
    "fit_sample": ["0"],
    "silhouette_sample": ["all"],
    "fit_seed": ["-1", "0.5"],
    "fit_on_known": ["known"],
    "min_silhouette": ["2", ".nan"],
    "match_tolerance": ["-0.5"],
    "refit_days": ["0", "weekly"],
    "refit": ["'true'"],
    "axes": ["purchase_value", "[purchase_valeu]", "[shoes]"],
    "trial_fit": ["1"],
    "membership": ["fuzzy"],
    "membership_entropy": ["0", "1"],
    "archetype_axes": ["[]", "[purchase_value, purchase_value]", "[purchase_valeu]"],
    "max_archetypes": ["0"],
    "min_archetype_people": ["0"],
    "cluster_count": ["1"],
    "ai_naming": ["'on'"],
    "ai_naming_model": [""],
    "ai_naming_timeout_seconds": ["-5"],
    "churn_window_days": ["0"],
    "next_purchase_days": ["a month"],
    "holdout_days": ["0"],
    "min_repeat_buyers": ["0"],
    "pool_stores": ["'yes'"],
    "discount_rate_annual": ["-0.1", "10%"],
    "recommendations_per_customer": ["0", "1001"],
    "recommend_within_segments": ["'yes'"],
    "ease_products": ["-1", "20001"],
    "lookalike_min_members": ["9"],
    "action_outcome_days": ["0"],
}


def problems(text: str) -> list[str]:
    return variable_problems(PROJECT, parsed_vars(text))


def test_every_var_is_held_to_what_it_may_be():
    assert list(ILLEGAL) == list(VARS)
    said = {f"{name}: {value}": problems(f"{{{name}: {value}}}") for name, values in ILLEGAL.items() for value in values}
    assert [case for case, found in said.items() if len(found) != 1 or case.split(":")[0] not in found[0]] == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{min_population: ten}", "The var min_population must be a whole number of people from 3, not 'ten' (--vars)."),
        (
            "{axes: [purchase_valeu]}",
            "The var axes must be a list of axes, not [purchase_valeu]; near it is purchase_value (--vars).",
        ),
        ("{membership: fuzzy}", "The var membership must be exp or fcm, not 'fuzzy' (--vars)."),
        (
            "{rfm_scheme: ten}",
            "The var rfm_scheme must be a scheme of rfm_segments.csv or custom_rfm_segments.csv, not 'ten'; "
            "there are eight_groups, eleven_groups (--vars).",
        ),
        ("{min_k: 5, max_k: 4}", "The var min_k must be no more than max_k, not 5 and 4."),
        ("{as_off: 2025-06-30}", "There is no var as_off; near it is as_of (--vars)."),
        ("{AsOf: 2025-06-30}", "There is no var AsOf; near it is as_of (--vars)."),
        ("{axis: []}", "There is no var axis; near it is axes (--vars)."),
        ("{session_timeout: 20}", "There is no var session_timeout; near it is session_timeout_minutes (--vars)."),
        ("{tessera: {refit: true}}", "There is no var tessera: vars of the command line are read by their names alone (--vars)."),
    ],
)
def test_a_sentence_names_the_var_the_value_and_what_was_meant(given, sentence):
    assert problems(given) == [sentence]


def test_legal_values_as_yaml_reads_them():
    for text in (
        "{as_of: 2025-06-30}",
        "{as_of: 2025-06-30T03:00:00Z}",
        "{as_of: '2025-06-30 03:00'}",
        "{as_of: }",
        "{readers: bi}",
        "{refresh_segments: [one-of-my-own]}",
        "{session_timeout_minutes: 0.5}",
    ):
        assert problems(text) == []


def test_a_name_that_somebody_reads_is_theirs(tmp_path):
    """Of a project that has Tessera among its packages."""
    (tmp_path / "models").mkdir()
    package = tmp_path / "dbt_packages" / "tessera"
    package.mkdir(parents=True)
    (package / "seeds").symlink_to(PROJECT / "seeds")
    model = tmp_path / "models" / "mine.sql"
    project = tmp_path / "dbt_project.yml"
    project.write_text("name: mine\nvars: {raw_tabels: 1, region: north, other: {refits: 1}, tessera: {refit_day: 1, shoes: 1}}")
    model.write_text("select 1")
    assert variable_problems(tmp_path) == [
        "There is no var raw_tabels; near it is raw_tables (dbt_project.yml).",
        "There is no var refit_day; near it is refit_days (dbt_project.yml, tessera).",
        "There is no var shoes (dbt_project.yml, tessera).",
    ]
    model.write_text("select {{ var('raw_tabels') }}")
    project.write_text("name: mine")
    # the newer dbt reads a file of vars alone
    (tmp_path / "vars.yml").write_text("vars: {raw_tabels: 1, tessera: {refit: 1}}")
    assert variable_problems(tmp_path) == ["The var refit must be true or false, not 1 (vars.yml, tessera)."]
    assert variable_problems(tmp_path, {"sesion_timeout_minutes": 1})[1:] == [
        "There is no var sesion_timeout_minutes; near it is session_timeout_minutes (--vars)."
    ]
    package.rename(package.with_name("another"))
    assert variable_problems(tmp_path) == []


def test_vars_that_are_no_yaml_are_a_sentence():
    for text in ("as_of", "{as_of: 2025-02-30}", "{as_of"):
        with pytest.raises(ValueError, match="--vars"):
            parsed_vars(text)
