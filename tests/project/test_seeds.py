"""Seeds that a person edits: what is wrong is said with file, row and column, and what is only unusual is loaded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.shops import PROJECT
from tessera.cli import main as tessera
from tessera.seeds import seed_problems

RULES = "seeds/custom/custom_segment_rules.csv"
# what the models of rules, and the tests in tests/rules, stand on besides
STEPS = ["models/staging/vocabulary", "models/staging/_sources.yml", "models/intermediate/scores/int_rfm_rules.sql"]
HEADER = "rule_id,segment_id,rule_group,field,operator,value,event_type,min_count,lookback_days,properties,description"
GOOD = "r-1,s,,total_orders,equals,1,,,,,x"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """A copy of the project's seeds, to be spoilt."""
    return Path(shutil.copytree(PROJECT / "seeds", tmp_path / "seeds"))


def test_the_projects_own_seeds_have_nothing_against_them():
    assert seed_problems(PROJECT / "seeds") == []


# what a file of rules holds, and what is said of it
BAD_FILES: dict[str, tuple[bytes, list[str]]] = {
    "semicolons": (
        f"{HEADER}\n{GOOD}".replace(",", ";").encode(),
        [", row 1: values are separated by semicolons; save the file with commas"],
    ),
    "tabs": (
        f"{HEADER}\n{GOOD}".replace(",", "\t").encode(),
        [", row 1: values are separated by tabs; save the file with commas"],
    ),
    "missing column": (HEADER.replace(",value", "").encode(), [", row 1, column value: it is missing"]),
    "extra column": (f"{HEADER},note\n{GOOD},n".encode(), [", row 1, column note: there is no such column"]),
    "misspelt column": (
        HEADER.replace("value", "vlaue").encode(),
        [", row 1, column vlaue: there is no such column; near it are value", ", row 1, column value: it is missing"],
    ),
    "unnamed column": (f"{HEADER},\n{GOOD},".encode(), [", row 1, column 12: it has no name"]),
    "column twice": (f"{HEADER},value\n{GOOD},1".encode(), [", row 1, column value: it is there 2 times"]),
    "capitals": (
        HEADER.replace("value", "Value").encode(),
        [", row 1, column Value: there is no such column; near it are value", ", row 1, column value: it is missing"],
    ),
    "latin-1": (
        f"{HEADER}\n{GOOD}\n{GOOD.replace('r-1', 'r-2')}é".encode("latin-1"),
        [", row 3, column description: 'x\N{REPLACEMENT CHARACTER}' is not UTF-8; save the file as CSV in UTF-8"],
    ),
    "latin-1 header": (
        f"{HEADER},é".encode("latin-1"),
        [", row 1, column 12: its name '\N{REPLACEMENT CHARACTER}' is not UTF-8; save the file as CSV in UTF-8"],
    ),
    "utf-16": (f"{HEADER}\n{GOOD}".encode("utf-16"), [": the file is not UTF-8 but UTF-16 or no text; save it as CSV in UTF-8"]),
    "utf-16 without a mark": (
        f"{HEADER}\n{GOOD}".encode("utf-16-le"),
        [": the file is not UTF-8 but UTF-16 or no text; save it as CSV in UTF-8"],
    ),
    "a spreadsheet": (b"PK\x03\x04\x14\0\0\0", [": the file is not UTF-8 but UTF-16 or no text; save it as CSV in UTF-8"]),
    "empty": (b"", [f": the file is empty; its first row is the header {HEADER}"]),
    "blank": (b"\xef\xbb\xbf\r\n \r\n", [f": the file is empty; its first row is the header {HEADER}"]),
    "short row": (
        f"{HEADER}\n{GOOD}\nr-2,s,,total_orders".encode(),
        [", row 3: it has 4 values and the header 11; a value that holds a comma stands in double quotes"],
    ),
    "long row": (
        f"{HEADER}\n{GOOD},and more".encode(),
        [", row 2: it has 12 values and the header 11; a value that holds a comma stands in double quotes"],
    ),
    "typographic quotes": (
        f"{HEADER}\nr-1,s,,city,equals,\N{LEFT DOUBLE QUOTATION MARK}Rome, Italy\N{RIGHT DOUBLE QUOTATION MARK},,,,,x".encode(),
        [", row 2: it has 12 values and the header 11; a value that holds a comma stands in double quotes"],
    ),
    "unclosed quote": (
        f'{HEADER}\n{GOOD}\nr-2,s,,city,equals,"Rome,,,,,x\nr-3,s,,city,equals,Bonn,,,,,x\n'.encode(),
        [", row 3: a double quote is opened and never closed"],
    ),
    "text behind a quote": (
        f'{HEADER}\nr-1,s,,city,equals,"Rome" x,,,,,x'.encode(),
        [", row 2: its quotes cannot be read (',' expected after '\"'); a double quote within quotes is written twice"],
    ),
    "blanks": (
        f"{HEADER}\nr-1 ,s,,city,equals,\N{NO-BREAK SPACE}Rome,,,,,x".encode(),
        [
            ", row 2, column rule_id: 'r-1 ' has blanks around it",
            ", row 2, column value: '\N{NO-BREAK SPACE}Rome' has blanks around it",
        ],
    ),
    "row twice": (f"{HEADER}\n{GOOD}\n\n{GOOD}".encode(), [", row 4, column rule_id: the whole row is in row 2 already"]),
    "emptied row": (f"{HEADER}\n{GOOD}\n,,,,,,,,,,".encode(), [", row 3: it holds nothing; delete it"]),
    "control character": (
        f"{HEADER}\nr-1,s,,city,equals,Ro\x07me,,,,,x".encode(),
        [", row 2, column value: 'Ro\\x07me' holds a control character"],
    ),
    "unknown event type": (
        f"{HEADER}\nr-1,s,,,did,,product_veiw,1,9,,x".encode(),
        [
            ", row 2, column event_type: there is no 'product_veiw' of event_types.csv or custom_event_types.csv; "
            "near it are product_view"
        ],
    ),
    "unknown field": (
        f"{HEADER}\nr-1,s,,total_revenu,equals,1,,,,,x".encode(),
        [
            ", row 2, column field: there is no 'total_revenu' of profile_fields.csv or axes.csv; "
            "near it are total_revenue, total_events, total_pageviews"
        ],
    ),
    "unknown axis": (
        f"{HEADER}\nr-1,s,,axis_position.purchase_value,greater_than,0.9,,,,,x\n"
        "r-2,s,,axis_position.purchase_valeu,greater_than,0.9,,,,,x".encode(),
        [
            ", row 3, column field: there is no 'axis_position.purchase_valeu' of profile_fields.csv or axes.csv; near it are "
            "axis_position.purchase_value, axis_position.purchase_cadence, axis_position.purchase_frequency"
        ],
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_told_of_with_row_and_column(seeds, kind):
    content, said = BAD_FILES[kind]
    (seeds.parent / RULES).write_bytes(content)
    assert seed_problems(seeds) == [f"{RULES}{problem}" for problem in said]


# a row that is put at the end of a seed, and what is said of it
BAD_ROWS = {
    "clusters/cluster_characteristics": {
        "a,total_orders,greater_than,inf,x": "value: 'inf' is no number such as 0.5",
        "a,total_orders,greater_than,nan,x": "value: 'nan' is no number such as 0.5",
        'a,total_orders,greater_than,"1,5",x': "value: '1,5' is no number such as 0.5",
        "a,total_orders,greater_than,1e999,x": "value: '1e999' is no number such as 0.5",
        "a,total_orders,greater_then,1,x": "operator: there is no 'greater_then'; near it are greater_than",
    },
    "rules/scores": {
        "a,1.0,0,100,2,x": "base: '1.0' is no whole number such as 12",
        "a,99999999999,0,100,2,x": "base: '99999999999' is no whole number such as 12",
        f"a,{'9' * 5000},0,100,2,x": f"base: '{'9' * 60}...' is no whole number such as 12",
        "a,\N{SUPERSCRIPT TWO},0,100,2,x": "base: '\N{SUPERSCRIPT TWO}' is no whole number such as 12",
    },
    "vocabulary/event_types": {
        "a,a,yes,false,false,false,false,true,,,x": "is_page: 'yes' is neither true nor false",
        "Quiz,a,true,false,false,false,false,true,,,x": "raw_name: 'Quiz' has capitals; it is compared in lower case",
        "a,,true,false,false,false,false,true,,,x": "event_type: it is empty",
        "a,null,true,false,false,false,false,true,,,x": "event_type: it is empty",
        "home,a,true,false,false,false,false,true,,,x": "raw_name: raw_name 'home' is in row 4 already",
        "product-view,a,true,false,false,false,false,true,,,x": "raw_name: raw_name 'product-view' is in row 6 already",
        "a,a,true,false,false,false,false,true,basket,,x": (
            "funnel_step: there is no 'basket'; it is one of product_view, cart, checkout, purchase"
        ),
    },
    "custom/custom_event_types": {
        "quiz,quiz,false,false,false,false,true,,,view,x": "interaction_type: there is no 'view'; near it are viewed, reviewed",
        "quiz done,,false,false,false,false,true,,,,x": "event_type: it is empty",
    },
    "custom/custom_identity_rules": {
        "r,per_persons,email,,3,,x": "rule: there is no 'per_persons'; near it are per_person",
        "r,per_person,email,,three,,x": "max_count: 'three' is no whole number such as 12",
        "r,per_person,email,,,,x": "max_count: per_person needs a whole number from 1",
        "r,shared_above,email,,,,x": "max_count: shared_above needs a whole number from 0",
        "r,evidence,any,order,,1,x": "value: there is no source 'order'; it is one of identities, customers, orders, refunds, "
        "support_tickets, sessions, events",
        "r,evidence,email,orders,,1,x": "identifier_type: evidence is of any identifier",
        "r,evidence,any,orders,,,x": "priority: evidence needs one; 1 counts most",
        "r,per_person,email,,-1,,x": "max_count: -1 is below 0",
        "r,per_person,email,,1,,x\nq,per_person,email,,2,,x": (
            "rule: rule 'per_person' and identifier_type 'email' is in row 2 already"
        ),
    },
    "custom/custom_rfm_segments": {
        "mine,m1,10,1,5,1,5,2,5,all,x": "scheme: no row of 'mine' speaks of 111 and 24 other codes; "
        "a row whose rfm_segment is none leaves its codes without a name",
        "mine,m1,10,1,5,1,5,1,5,,x": "rfm_segment: it is empty",
        "eight_groups,m1,10,2,1,1,5,1,5,all,x": "rule_id: 'm1' names no code: a lowest score is above its highest",
        "mine,m1,10,1,6,1,5,1,5,all,x": "recency_max: 6 is not from 1 to 5",
        "mine,m1,10,1,5,1,5,1,5,all,x\nmine,m2,10,1,1,1,1,1,1,low,x": (
            "priority: 10 is that of row 2 too, and both fit a code; neither is asked first"
        ),
        "mine,m1,10,1,5,1,5,1,5,all,x\nmine,m2,20,1,1,1,1,1,1,low,x": (
            "rule_id: 'm2' names no code: rows that are asked before it take all of its codes"
        ),
        "mine,m1,10,1,5.5,1,5,1,5,all,x": "recency_max: '5.5' is no whole number such as 12",
    },
    "custom/seasonality": {
        "s,13,1.5": "month: 13 is not from 1 to 12",
        "s,1,0.01": "seasonal_index: 0.01 is not from 0.05 to 20",
    },
    "custom/custom_cohort_definitions": {
        "c,C,,value,,,,,active\nc,C,,value,,,,,active": "cohort_id: the whole row is in row 2 already",
    },
    "custom/experiments": {
        "e,,x,a|b,0.5|0.5,revenue,2025-07-01,,,\ne,,x,a|b,0.5|0.5,revenue,2025-07-01,,,": (
            "experiment_id: the whole row is in row 2 already"
        ),
    },
    "journeys/journey_rules": {
        "j,advocacy,5,events,x,,x": (
            "criterion: there is no 'events'; it is one of first_seen, event, order_number, days_after_order, event_after_order"
        ),
        "j,advocacy,5,event,product_veiw,,x": "value: there is no 'product_veiw' of event_types.csv or custom_event_types.csv",
        "j,advocacy,5,order_number,0,,x": "value: '0' is no whole number from 1",
        "j,advocacy,5,order_number,90,4,x": "min_rating: only events have one",
        "j,advocacy,0,order_number,90,,x": "stage_rank: 0 is below 1",
    },
    "daily/attribution_models": {
        "mine,0,0,0,30,x": "first_weight: no weight is above 0, so that nobody would have credit for an order",
        "mine,1001,0,0,30,x": "first_weight: 1001 is not from 0 to 1000",
    },
    "activation/lookalike_segments": {
        "champion,x": "segment_id: there is no 'champion' of segment_definitions.csv or custom_segment_definitions.csv; "
        "near it are champions",
    },
    "rules/interest_rules": {
        "i,x,categories,3,0.2,,active,x": "basis: there is no 'categories'; near it are category",
    },
    "axes/axes": {
        "1,a,marketing,orders,1,b,b,none,true,TRUE": "is_enabled: there is no 'TRUE'; near it are true",
    },
}


@pytest.mark.parametrize(
    ("seed", "row", "said"),
    [
        pytest.param(seed, row, said, id=f"{seed}-{number}")
        for seed, rows in BAD_ROWS.items()
        for number, (row, said) in enumerate(rows.items())
    ],
)
def test_a_value_that_is_not_of_its_columns_type_is_told_of(seeds, seed, row, said):
    path = seeds / f"{seed}.csv"
    # of two rows the second is told of
    number = len(path.read_text().splitlines()) + 1 + row.count("\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{row}\n")
    assert seed_problems(seeds) == [f"seeds/{seed}.csv, row {number}, column {said}"]


def test_a_column_that_came_later_may_be_absent_from_a_shops_own_seed(seeds):
    path = seeds / "custom" / "custom_event_types.csv"
    path.write_text(
        "raw_name,event_type,is_page,is_engagement,is_key,is_content,is_message,funnel_step,interaction_type,description\n"
        "letter_out,email_sent,false,false,false,false,true,,,x\n"
    )
    assert seed_problems(seeds) == []
    path.write_text(path.read_text().replace("is_message,", "").replace("false,true,,,x", "false,,,x"))
    assert seed_problems(seeds) == ["seeds/custom/custom_event_types.csv, row 1, column is_message: it is missing"]


def test_all_that_is_wrong_is_told_at_once(seeds):
    """Files that cannot be read keep nothing back about others."""
    (seeds.parent / RULES).write_text("")
    (seeds / "custom" / "seasonality.csv").write_text("store_id,month,seasonal_index\ns,13,1\n")
    with (seeds / "custom" / "custom_rfm_segments.csv").open("a") as file:
        file.write("mine,m1,10,1,5,1,5,2,5,all,x\n")
    with (seeds / "daily" / "attribution_models.csv").open("a") as file:
        file.write("mine,0,0,0,30,x\n")
    assert [problem.split(",")[0].split(":")[0] for problem in seed_problems(seeds)] == [
        RULES,
        "seeds/custom/seasonality.csv",
        "seeds/daily/attribution_models.csv",
        "seeds/custom/custom_rfm_segments.csv",
    ]


def test_a_scheme_may_say_that_it_leaves_codes_without_a_name(seeds):
    with (seeds / "custom" / "custom_rfm_segments.csv").open("a") as file:
        file.write("mine,m1,10,4,5,1,5,1,5,recent,x\nmine,m2,20,1,5,1,5,1,5,none,x\neight_groups,m3,10,5,5,5,5,5,5,vip,x\n")
    assert seed_problems(seeds) == []


def test_a_missing_file_and_one_that_nobody_describes(seeds):
    (seeds.parent / RULES).unlink()
    (seeds / "custom" / "mine.csv").write_text("a,a\n1,2\n")
    (seeds / "custom" / "fine.csv").write_text("a,b\n 1,\n")
    assert seed_problems(seeds) == [
        "seeds/custom/mine.csv, row 1, column a: it is there 2 times",
        f"{RULES}: the file is missing; at least it holds the header {HEADER}",
        "seeds/custom/fine.csv, row 2, column a: ' 1' has blanks around it",
    ]


# what only looks unusual: a mark at the beginning, ends of lines as on Windows, columns in another order, empty lines
SWAPPED = HEADER.replace("rule_id,segment_id", "segment_id,rule_id")
ODD = "\ufeff" + "\r\n".join(
    [
        SWAPPED,
        's,r-1,,city,equals,"Rome, Italy",,,,,"He said ""x"", twice"',
        "",
        's,r-2,,,did,,search,1,9,"{""a"": ""it\'s 5%""}","two\nlines"',
        "s,r-3,,city,equals,O'Brien \\ %s {{ x }} \N{SNOWMAN},,,,,",
        "",
        "",
    ]
)
ODD_ROWS = [
    ("r-1", "s", "Rome, Italy", None, 'He said "x", twice'),
    ("r-2", "s", None, '{"a": "it\'s 5%"}', "two\nlines"),
    ("r-3", "s", "O'Brien \\ %s {{ x }} \N{SNOWMAN}", None, None),
]


def run(*command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """A command as it is typed."""
    return subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True)


def test_seeds_are_refused_before_anything_is_done_and_odd_ones_are_loaded_alike(new_shops, tmp_path):
    """Through the dbt executable; a project of the seeds alone is parsed in a second."""
    shops = new_shops("seeds")
    project = tmp_path / "project"
    shutil.copytree(PROJECT / "seeds", project / "seeds")
    (project / "macros").mkdir()
    for macros in ("macros/seeds.sql", "src/dbt_local_python/macros/in_place.sql"):
        shutil.copy(PROJECT / macros, project / "macros")
    shutil.copytree(PROJECT / "tests" / "generic", project / "tests" / "generic")
    # what descriptions of seeds quote
    (project / "models").mkdir()
    shutil.copy(PROJECT / "models" / "docs.md", project / "models")
    shutil.copy(PROJECT / "profiles.yml", project)
    (project / "dbt_project.yml").write_text(
        "name: tessera\nversion: 1.0.0\nconfig-version: 2\nprofile: tessera\nseeds: {+schema: seeds}\n"
    )
    dbt = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors"]
    place = ["--project-dir", str(project), "--profiles-dir", str(project)]
    tables = "select table_name from information_schema.tables where table_schema = 'analytics_seeds'"
    content = "select rule_id, segment_id, value, properties, description from analytics_seeds.custom_segment_rules order by 1"

    def refuse(shop) -> None:
        (project / RULES).write_text(f"{HEADER}\n{GOOD}\n{GOOD},1\n")
        refused = run(*dbt, "build", *place, **shop.environment())
        assert refused.returncode == 2, refused.stdout
        assert f"{RULES}, row 3: it has 12 values and the header 11" in refused.stdout
        assert "Seeds that cannot be used; nothing was changed." in refused.stdout
        assert "Traceback" not in refused.stdout + refused.stderr
        # nothing was connected to yet
        shop.execute("create schema if not exists analytics")
        assert shop.rows(tables) == []

    def load(shop) -> None:
        seed = [*dbt, "seed", "--select", "custom_segment_rules", "custom_score_rules", "event_types", *place]
        (project / RULES).write_text(f"{HEADER}\n{GOOD}\n")
        assert run(*seed, **shop.environment()).returncode == 0
        # as if an update of the project added a column: that needs no --full-refresh
        shop.execute("alter table analytics_seeds.custom_score_rules drop column status")
        (project / RULES).write_text(ODD, encoding="utf-8", newline="")
        loaded = run(*seed, **shop.environment())
        assert loaded.returncode == 0, loaded.stdout
        assert shop.rows(content) == ODD_ROWS
        assert shop.rows("select count(*) from analytics_seeds.event_types where is_page")[0][0] > 5
        assert "status" in {
            name
            for (name,) in shop.rows("select column_name from information_schema.columns where table_name = 'custom_score_rules'")
        }

    # it is refused before any engine is asked, so one of them is enough
    refuse(shops[0])
    for shop in shops:
        load(shop)


def test_tessera_check_says_the_same(seeds, capsys):
    """Of the files alone, beside no project."""
    assert tessera(["check", str(seeds)]) == 0
    assert capsys.readouterr().out == f"{len(list(seeds.rglob('*.csv')))} seeds, nothing against their files\n"
    (seeds.parent / RULES).write_text("")
    assert tessera(["check", str(seeds)]) == 1
    assert capsys.readouterr().err == f"tessera: {RULES}: the file is empty; its first row is the header {HEADER}\n"
    assert tessera(["check", str(seeds / "nowhere")]) == 1
    assert "There is no folder" in capsys.readouterr().err


def test_tessera_check_says_what_a_build_refuses_of_rules_and_vars(seeds):
    """In a project of the models that check asks, without the hooks of a run, which reads a warehouse."""
    project = seeds.parent
    settings = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    settings = {name: said for name, said in settings.items() if not name.startswith("on-run-")}
    settings["on-run-end"] = ["{{ tell_failing_rows(results) }}"]
    (project / "dbt_project.yml").write_text(yaml.safe_dump({**settings, "model-paths": ["models"]}))
    for asked in (
        "macros",
        "src/dbt_local_python",
        "tests/rules",
        "tests/generic",
        "models/docs.md",
        "models/intermediate/rules",
        *STEPS,
    ):
        source, copy = PROJECT / asked, project / asked
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    command = [str(Path(sys.executable).parent / "tessera"), "check", str(seeds)]
    with (project / RULES).open("a") as file:
        file.write("r-2,high-value-customers,,axis_position.purchase_value,greater_than,90,,,,,x\n")
    with (project / "seeds" / "custom" / "custom_cohort_definitions.csv").open("a") as file:
        file.write("spring,Spring,,acquisition,month,2024-02-30,2024-12-31,,active\n")
    with (project / "seeds" / "custom" / "custom_activation_rules.csv").open("a") as file:
        file.write("win-back-3,win-back,,segments,contains,lost-customers,,,,,x\n")
    done = run(*command)
    assert done.returncode == 1
    *said, spring, header, action = done.stderr.splitlines()
    assert said == [
        "tessera: Rules that cannot be used; nothing that rules decide was changed.",
        "    custom_segment_rules: rule r-2 of high-value-customers: "
        "value '90' is beyond what axis_position.purchase_value can be: 0 to 1",
        "tessera: Rows of cohort_definitions_are_valid:",
    ]
    assert spring.endswith("cohort_id spring, reason the start_date is no date such as 2024-10-01")
    assert header == "Rows of rules_of_actions_are_right:"
    assert action.endswith("rule_id win-back-3, reason there is no segment 'lost-customers'")
    # what is wrong with files and vars comes before it, and keeps nothing back
    with (project / "seeds" / "custom" / "seasonality.csv").open("a") as file:
        file.write("store_1,13,1\n")
    with (project / "seeds" / "custom" / "experiments.csv").open("a") as file:
        file.write(2 * "e,,x,a|b,0.5|0.5,revenue,2025-07-01,,,\n")
    more = run(*command, "--vars", "{min_population: ten}")
    assert more.stderr.splitlines()[:3] == [
        "tessera: seeds/custom/experiments.csv, row 3, column experiment_id: the whole row is in row 2 already",
        "tessera: seeds/custom/seasonality.csv, row 2, column month: 13 is not from 1 to 12",
        "tessera: The var min_population must be a whole number of people from 3, not 'ten' (--vars).",
    ]
    assert set(done.stderr.splitlines()) <= set(more.stderr.splitlines())
