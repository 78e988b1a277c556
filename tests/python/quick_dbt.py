"""What dbt does again and again in a process that runs many commands, done once or left out.

Half of the time of a small command, and a third of a build's, goes into words for debugging that nobody sees, into linking
the same graph, into a copy of every macro for every node, and into looking for the first word of a query by splitting all of
it into tokens. Nothing here changes what is run, or what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from dbt import compilation
from dbt.adapters.sql import SQLAdapter
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import Compiler
from dbt.context.macros import MacroNamespaceBuilder
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import InjectedCTE, Macro, ManifestSQLNode
from dbt.graph import Graph
from dbt.node_types import NodeType
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

_UNHEARD = (EventLevel.DEBUG, EventLevel.TEST)
_WITH = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\s+(?:recursive\s+)?", re.IGNORECASE | re.DOTALL)
_fire_event = EventManager.fire_event
_compile = Compiler.compile
_write_node = Compiler._write_node
_columns_of = SQLAdapter.get_columns_in_relation


def make_quick() -> None:
    """Make every command of this process quicker."""
    EventManager.fire_event = _heard
    Compiler.compile = _linked_once
    Compiler._write_node = _unwritten
    MacroNamespaceBuilder.add_macros = _add_macros
    compilation.inject_ctes_into_sql = _with_ctes


def remember_columns(is_remembered: bool) -> None:
    """Ask for the columns of each table once, where no command makes tables: unit tests do for every input."""
    SQLAdapter.get_columns_in_relation = _remembered(_columns_of) if is_remembered else _columns_of


def _heard(manager: EventManager, event: BaseEvent, level: EventLevel | None = None, **told: object) -> None:
    """Say what somebody hears."""
    if (level or event.level_tag()) not in _UNHEARD:
        _fire_event(manager, event, level=level, **told)


def _linked_once(compiler: Compiler, manifest: Manifest, write: bool = True, add_test_edges: bool = False) -> Graph:
    """Link the nodes of a project once for each kind of command: the parsed project stays as it is."""
    graphs = vars(manifest).setdefault("linked", {})
    if add_test_edges not in graphs:
        graphs[add_test_edges] = _compile(compiler, manifest, write=False, add_test_edges=add_test_edges)
    return graphs[add_test_edges]


def _unwritten(compiler: Compiler, node: ManifestSQLNode, split_suffix: str | None = None) -> ManifestSQLNode:
    """Write down the compiled text of analyses, which are for reading, alone."""
    return _write_node(compiler, node, split_suffix) if node.resource_type == NodeType.Analysis else node


def _add_macros(builder: MacroNamespaceBuilder, macros: Iterable[Macro], context: Mapping) -> None:
    """Add the macros of one package to the names that a node knows."""
    macros = list(macros)
    names = {macro.name: MacroGenerator(macro, context, builder.node, builder.thread_ctx) for macro in macros}
    package = macros[0].package_name
    if package in builder.internal_package_names:
        builder.internal_packages[package] = names
        return
    builder.packages[package] = names
    if package == builder.search_package:
        builder.locals = names
    elif package == builder.root_package:
        builder.globals = names


def _with_ctes(sql: str, ctes: Sequence[InjectedCTE]) -> str:
    """Put CTEs before those of a query, or before a query that has none."""
    added = ", ".join(cte.sql for cte in ctes)
    if not added:
        return sql
    start = _WITH.match(sql)
    return f"{sql[:start.end()]}{added}, {sql[start.end():]}" if start else f"with {added} {sql}"


def _remembered(columns_of: Callable) -> Callable:
    known: dict[str, list] = {}

    def columns(adapter: SQLAdapter, relation: object) -> list:
        name = str(relation)
        if name not in known:
            known[name] = columns_of(adapter, relation)
        return known[name]

    return columns
