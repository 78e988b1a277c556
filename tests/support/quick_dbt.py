"""What dbt does again and again in a process that runs many commands, done once or left out.

Half of the time of a small command, and a third of a build's, goes into words for debugging that nobody sees, into linking
the same graph, into translating the same templates, into a copy of every macro for every node, and into looking for the first
word of a query by splitting all of it into tokens. Nothing here changes what is run, or what is printed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

import agate
from dbt import compilation
from dbt.adapters.duckdb.environments import Environment as DuckDB
from dbt.adapters.sql import SQLAdapter
from dbt.clients.jinja import MacroGenerator
from dbt.compilation import Compiler
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import InjectedCTE, Macro, ManifestSQLNode
from dbt.graph import Graph
from dbt.node_types import NodeType
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from jinja2 import Environment

_UNHEARD = (EventLevel.DEBUG, EventLevel.TEST)
_WITH = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\s+(?:recursive\s+)?", re.IGNORECASE | re.DOTALL)
_fire_event = EventManager.fire_event
_make_event = BaseEvent.__init__
_translate = Environment.compile
_type_tester = agate_helper.build_type_tester
_namespace = MacroNamespaceBuilder.build_namespace
_compile = Compiler.compile
_write_node = Compiler._write_node
_columns_of = SQLAdapter.get_columns_in_relation
_open = DuckDB.initialize_db
_translations: dict[tuple[type, str], object] = {}


def make_quick() -> None:
    """Make every command of this process quicker."""
    EventManager.fire_event = _heard
    BaseEvent.__init__ = _unmade
    BaseEvent.__getattr__ = _made_when_read
    MacroFuzzEnvironment.compile = _translated_once
    agate_helper.build_type_tester = _tester_of
    Compiler.compile = _linked_once
    Compiler._write_node = _unwritten
    MacroNamespaceBuilder.add_macros = _add_macros
    MacroNamespaceBuilder.build_namespace = _flat
    compilation.inject_ctes_into_sql = _with_ctes
    DuckDB.initialize_db = staticmethod(_on_one_thread)


def remember_columns(is_remembered: bool) -> None:
    """Ask for the columns of each table once, where no command makes tables: unit tests do for every input."""
    SQLAdapter.get_columns_in_relation = _remembered(_columns_of) if is_remembered else _columns_of


def _heard(manager: EventManager, event: BaseEvent, level: EventLevel | None = None, **told: object) -> None:
    """Say what somebody hears."""
    if (level or event.level_tag()) not in _UNHEARD:
        _fire_event(manager, event, level=level, **told)


def _unmade(event: BaseEvent, *unnamed: object, **told: object) -> None:
    """Keep what an event is made of: most are read by nobody."""
    vars(event)["told"] = unnamed, told


def _made_when_read(event: BaseEvent, name: str) -> object:
    """Make an event for the first who reads it."""
    if "pb_msg" not in vars(event):
        unnamed, told = vars(event)["told"]
        _make_event(event, *unnamed, **told)
    message = vars(event)["pb_msg"]
    return message if name == "pb_msg" else getattr(message, name)


def _translated_once(environment: Environment, source: str, *named: object, **told: object) -> object:
    """Translate a template to Python once for each kind of environment; whoever gives it a name translates it again."""
    if named or told:
        return _translate(environment, source, *named, **told)
    key = (type(environment), source)
    if key not in _translations:
        _translations[key] = _translate(environment, source)
    return _translations[key]


def _tester_of(text_columns: Iterable[str], string_null_values: Iterable[str] | None = ("null", "")) -> agate.TypeTester:
    """Make what tells the types of columns once for the same columns."""
    return _known_tester(tuple(text_columns), string_null_values and tuple(string_null_values))


@cache
def _known_tester(text_columns: tuple[str, ...], string_null_values: tuple[str, ...] | None) -> agate.TypeTester:
    return _type_tester(text_columns, string_null_values)


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
    names = {macro.name: _callable(macro, context, builder.node, builder.thread_ctx) for macro in macros}
    package = macros[0].package_name
    if package in builder.internal_package_names:
        builder.internal_packages[package] = names
        return
    builder.packages[package] = names
    if package == builder.search_package:
        builder.locals = names
    elif package == builder.root_package:
        builder.globals = names


def _callable(macro: Macro, context: Mapping, node: object, stack: object) -> MacroGenerator:
    """Make a macro callable, without a call for each class that its class is made of."""
    made = object.__new__(MacroGenerator)
    made.__dict__ = {"context": context, "macro": macro, "node": node, "stack": stack}
    return made


class _Names(dict, MacroNamespace):
    """All names of macros in one dictionary."""


def _flat(builder: MacroNamespaceBuilder, macros_by_package: Mapping, context: Mapping) -> MacroNamespace:
    """Put the names of all packages into one dictionary, each from the package that comes first."""
    found = _namespace(builder, macros_by_package, context)
    names = _Names()
    for searched in reversed(list(found._search_order())):
        names.update(searched)
    vars(names).update(vars(found))
    return names


def _on_one_thread(*given: object, **named: object) -> object:
    """Open a file of DuckDB without threads, which would wait for each other where two processes of tests have two cores."""
    connection = _open(*given, **named)
    connection.execute("set threads = 1")
    return connection


def _with_ctes(sql: str, ctes: Sequence[InjectedCTE]) -> str:
    """Put CTEs before those of a query, or before a query that has none."""
    added = ", ".join(cte.sql for cte in ctes)
    if not added:
        return sql
    start = _WITH.match(sql)
    return f"{sql[: start.end()]}{added}, {sql[start.end() :]}" if start else f"with {added} {sql}"


def _remembered(columns_of: Callable) -> Callable:
    known: dict[str, list] = {}

    def columns(adapter: SQLAdapter, relation: object) -> list:
        name = str(relation)
        if name not in known:
            known[name] = columns_of(adapter, relation)
        return known[name]

    return columns
