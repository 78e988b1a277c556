"""The subcommands `dashboard`, `report` and `publish`: to look at marts, to send what they say, to let others read them."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path

from tessera.dashboard.looks import theme_options
from tessera.warehouse import TARGETS, WarehouseBusyError, open_marts, publish

APP = Path(__file__).parent / "app.py"


class DashboardError(Exception):
    """The dashboard cannot be shown, for a reason that its message says."""


def add_dashboard(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to those of `tessera`."""
    dashboard = commands.add_parser(
        "dashboard",
        help="look at segments, people, days and predictions in a browser",
        description="Shows the marts in a browser, and changes nothing. It reads in moments, so that builds can run.",
    )
    add_target(dashboard)
    dashboard.add_argument("--port", type=int, default=8501, help="of the page (default: 8501)")
    dashboard.add_argument(
        "--address", default="localhost", help="who may look: localhost (default) or an address of this machine"
    )
    dashboard.add_argument(
        "--project", type=Path, default=Path(), help="folder of the dbt project, for its rules (default: this one)"
    )
    dashboard.add_argument("--show-personal", action="store_true", help="show names, addresses and places of people")
    dashboard.set_defaults(run=_run)


def add_report(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `report` to those of `tessera`."""
    report = commands.add_parser(
        "report",
        help="write a store's main numbers and pictures to one HTML file",
        description="Writes one HTML file without scripts, which needs no network. Ids that are addresses are hidden in it.",
    )
    add_target(report)
    report.add_argument("--store", help="its store_id (default: every store)")
    report.add_argument("--output", type=Path, default=Path("report.html"), help="the file (default: report.html)")
    report.set_defaults(run=_run_report)


def add_publish(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command `publish` to those of `tessera`."""
    publishing = commands.add_parser(
        "publish",
        help="copy the marts to a DuckDB file of their own, for readers",
        description="Copies the marts, as of one moment, to tables of one DuckDB file, which is replaced in one step.",
    )
    add_target(publishing)
    publishing.add_argument("path", type=Path, help="the file")
    publishing.set_defaults(run=_run_publish)


def add_target(parser: argparse.ArgumentParser) -> None:
    """Add the argument that says where the marts are."""
    parser.add_argument(
        "--target",
        choices=[name for name in TARGETS if name != "parquet"],
        default=os.environ.get("TESSERA_TARGET") or "duckdb",
        help="where the marts are (default: TESSERA_TARGET, else duckdb)",
    )


def _run(options: argparse.Namespace) -> None:
    try:
        from streamlit.web import bootstrap

        # before anybody asks for a page
        import tessera.dashboard.screens  # noqa: F401
    except ImportError:
        raise DashboardError("The dashboard needs Streamlit: pip install 'tessera-segmentation[bi]'") from None
    # says at once what would be said on every page; of a build that has the file pages tell until it has ended
    with suppress(WarehouseBusyError), open_marts(options.target):
        pass
    os.environ["TESSERA_TARGET"] = options.target
    os.environ["TESSERA_PROJECT"] = str(options.project)
    os.environ["TESSERA_SHOW_PERSONAL"] = "1" if options.show_personal else "0"
    settings = {
        "server_port": options.port,
        "server_address": options.address,
        "server_headless": True,
        "server_fileWatcherType": "none",
        "browser_gatherUsageStats": False,
        "client_toolbarMode": "minimal",
        "client_showErrorDetails": "none",
        **theme_options(),
    }
    bootstrap.load_config_options(settings)
    bootstrap.run(str(APP), False, [], settings)


def _run_report(options: argparse.Namespace) -> None:
    try:
        from tessera.dashboard.report import report
    except ImportError:
        raise DashboardError("The report needs Altair: pip install 'tessera-segmentation[bi]'") from None
    with open_marts(options.target) as marts:
        text = report(marts, options.store)
    try:
        options.output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DashboardError(f"Cannot write '{options.output}': {error.strerror}") from error
    print(options.output)


def _run_publish(options: argparse.Namespace) -> None:
    rows = publish(options.target, options.path)
    print(f"{len(rows)} marts, {sum(rows.values()):,} rows, in {options.path}")
