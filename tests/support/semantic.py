"""Questions to the semantic layer, asked by MetricFlow as `mf query` asks them, many in one process.

    python semantic.py FOLDER < asked

FOLDER becomes a dbt project of which MetricFlow reads the settings, the profile and the semantic manifest. What is asked is JSON
of "parsed" (the file of a parsed project that many_runs.py keeps), "database" (of the shop) and "queries" (each of metrics, what
they are grouped by, and conditions). The answer has the rows of each, groups first; where the semantic manifest is not valid, it
says why.
"""

from __future__ import annotations

import json
import pickle
import sys
from datetime import date, datetime
from pathlib import Path

from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.semantic_manifest import SemanticManifest
from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest
from metricflow_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from metricflow_semantics.errors.error_classes import InformativeUserError

PROJECT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Answer what stands on standard input."""
    folder, asked = Path(sys.argv[1]), json.load(sys.stdin)
    (folder / "target").mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        (folder / name).symlink_to(PROJECT / name)
    write_manifest(Path(asked["parsed"]), asked["database"], folder / "target" / "semantic_manifest.json")
    configuration = CLIConfiguration()
    configuration.setup(folder, folder, configure_file_logging=False)
    found = SemanticManifestValidator().validate_semantic_manifest(configuration.semantic_manifest)
    if found.has_blocking_issues:
        print(found.summary(), [issue.as_readable_str() for issue in found.all_issues], file=sys.stderr)
        return 1
    answers = []
    for metrics, group_by, where in asked["queries"]:
        request = MetricFlowQueryRequest.create(metric_names=metrics, group_by_names=group_by, where_constraints=where)
        try:
            answer = configuration.mf.query(request).result_df
        except InformativeUserError as error:
            print(metrics, group_by, error, file=sys.stderr)
            return 1
        groups = [name for name in answer.column_names if name not in metrics]
        places = [answer.column_names.index(name) for name in groups + metrics]
        answers.append([[plain(row[place]) for place in places] for row in answer.rows])
    print(json.dumps(answers))
    return 0


def write_manifest(parsed: Path, database: str, place: Path) -> None:
    """Write the semantic manifest of a parsed project, its tables in the database of a shop."""
    manifest = Manifest()
    vars(manifest).update(pickle.loads(parsed.read_bytes()))
    SemanticManifest(manifest).write_json_to_file(str(place))
    written = json.loads(place.read_text())
    relations = [model["node_relation"] for model in written["semantic_models"]]
    relations += [spine["node_relation"] for spine in written["project_configuration"]["time_spines"]]
    for relation in relations:
        relation["relation_name"] = relation["relation_name"].replace(f'"{relation["database"]}".', f'"{database}".', 1)
        relation["database"] = database
    place.write_text(json.dumps(written))


def plain(value: object) -> object:
    """A value as JSON has it."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    return value.isoformat()[:10] if isinstance(value, (date, datetime)) else float(value)


if __name__ == "__main__":
    sys.exit(main())
