"""What dbt does again and again in a process that runs many commands, done once or left out.

Half of the time of a small command, and a third of a build's, goes into words for debugging that nobody sees, into files that
nobody reads, into linking the same graph, into translating the same templates, into a copy of every macro for every node and for
every call, into a sandbox for templates that are the project's own, into looking for names in several places, into comparing a
table that is looked for with every other, and into looking for the first word of a query by splitting all of it into tokens.
Nothing here changes what is run, or what is printed but for the lines that say which node starts.
"""

from __future__ import annotations

import os
import re
import threading
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType

import agate
from adbc_driver_manager import AdbcConnection
from adbc_driver_postgresql import dbapi
from dbt import compilation
from dbt.adapters.base import BaseAdapter, BaseRelation, relation
from dbt.adapters.cache import RelationsCache
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments import Environment as DuckDB
from dbt.adapters.sql import SQLAdapter
from dbt.clients.jinja import MacroGenerator, MacroStack
from dbt.compilation import Compiler
from dbt.config import RuntimeConfig
from dbt.context import macros, providers
from dbt.context.macros import MacroNamespace, MacroNamespaceBuilder
from dbt.context.providers import RuntimeVar, UnitTestVar
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import InjectedCTE, Macro, ParsedNode, UnitTestNode
from dbt.events.types import LogStartLine
from dbt.graph import Graph
from dbt.node_types import NodeType
from dbt_common.clients import agate_helper
from dbt_common.clients.jinja import MacroFuzzEnvironment, MacroFuzzTemplate, NativeSandboxTemplate
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.exceptions import CaughtMacroErrorWithNodeError, CompilationError
from dbt_common.exceptions.macros import MacroReturn
from jinja2 import Environment, Template, pass_context
from jinja2.defaults import DEFAULT_NAMESPACE
from jinja2.exceptions import TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.runtime import Macro as MadeMacro
from jinja2.sandbox import SandboxedEnvironment

INLINE = "sql_operation.tessera.inline_query"
_UNHEARD = (EventLevel.DEBUG, EventLevel.TEST)
_WITH = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*with\s+(?:recursive\s+)?", re.IGNORECASE | re.DOTALL)
_fire_event = EventManager.fire_event
_make_event = BaseEvent.__init__
_translate = Environment.compile
_type_tester = agate_helper.build_type_tester
_namespace = MacroNamespaceBuilder.build_namespace
_compile = Compiler.compile
_write_node = ParsedNode.write_node
_columns_of = SQLAdapter.get_columns_in_relation
_connect = dbapi.connect
_make_match = BaseAdapter._make_match
_call = Context.call
_told_of = providers.args_to_dict
_raisers_of = providers.wrapped_exports
_merge = relation.deep_merge
_open = DuckDB.initialize_db
_begin = DuckDB.initialize_cursor.__func__
# What each cursor has for itself; other settings are those of the file, and setting them again costs as much as a small query.
_OF_A_CURSOR = {"TimeZone"}
_translations: dict[tuple[type, str], object] = {}
_macros: dict[tuple[int, str], tuple[Mapping, MacroNamespace]] = {}
# The name under which a context of dbt holds what its macros need: itself, its node and the stack of calls.
_HELD = "_held_for_macros"
# The name under which a context of dbt holds the macros that were made for it.
_MADE = "_made_macros"
# What is given nothing of a template's, unless a function says so itself.
_PLAIN = {BuiltinFunctionType, FunctionType, MethodType}
# What unit tests write each cell of their rows with: the same words give the same text.
_PURE = {f"macro.dbt.{name}" for name in ("safe_cast", "string_literal", "escape_single_quotes")}
_answers: dict[tuple, object] = {}
# What a thread of a command knows of the types of databases of Postgres, by how they are reached.
_databases = threading.local()
# What it was told, and what raises errors, last.
_known = threading.local()


def make_quick() -> None:
    """Make every command of this process quicker."""
    EventManager.fire_event = _heard
    BaseEvent.__init__ = _unmade
    BaseEvent.__getattr__ = _made_when_read
    MacroFuzzEnvironment.compile = _translated_once
    agate_helper.build_type_tester = _tester_of
    agate_helper.empty_table = cache(agate_helper.empty_table)
    Compiler.compile = _linked_once
    ParsedNode.write_node = _unwritten
    # dbt-core 1.12 makes a macro for whoever calls it, and no others
    if not issubclass(MacroNamespace, ChainMap):
        macros.MacroGenerator = _SharedMacro
        MacroNamespaceBuilder.build_namespace = _shared
    UnitTestVar.__init__ = _with_overrides
    providers.args_to_dict = _told_once
    providers.wrapped_exports = _raisers
    relation.deep_merge = _merged
    SandboxedEnvironment.sandboxed = False
    SandboxedEnvironment.getattr, SandboxedEnvironment.getitem = Environment.getattr, Environment.getitem
    Context.call = _called
    RelationsCache.get_relations = _relations_of
    BaseAdapter._make_match = _match_of_names
    for kind in (MacroFuzzTemplate, NativeSandboxTemplate):
        kind.new_context = _within(kind.new_context)
    compilation.inject_ctes_into_sql = _with_ctes
    dbapi.connect = _connected
    DuckDB.initialize_db = staticmethod(_on_one_thread)
    DuckDB.initialize_cursor = _with_its_settings


def remember_columns(is_remembered: bool) -> None:
    """Ask for the columns of each table once, where no command makes tables: unit tests do for every input."""
    SQLAdapter.get_columns_in_relation = _remembered(_columns_of) if is_remembered else _columns_of


def _heard(manager: EventManager, event: BaseEvent, level: EventLevel | None = None, *more: object, **told: object) -> None:
    """Say what somebody hears: that a node starts, nobody does."""
    if (level or event.level_tag()) not in _UNHEARD and not isinstance(event, LogStartLine):
        _fire_event(manager, event, level, *more, **told)


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


def _linked_once(
    compiler: Compiler, manifest: Manifest, write: bool = True, add_test_edges: bool = False, **told: object
) -> Graph:
    """Link the nodes of a project once for each kind of command: the parsed project stays as it is."""
    graphs = vars(manifest).setdefault("linked", {})
    # a query that is shown is a node, too
    kind = add_test_edges, INLINE in manifest.nodes
    if kind not in graphs:
        graphs[kind] = _compile(compiler, manifest, write=False, add_test_edges=add_test_edges, **told)
    return graphs[kind]


def _unwritten(node: ParsedNode, project_root: str, compiled_path: str, compiled_code: str) -> None:
    """Write down the compiled text of analyses, which are for reading, alone."""
    if node.resource_type == NodeType.Analysis:
        _write_node(node, project_root, compiled_path, compiled_code)


class _SharedMacro(MacroGenerator):
    """A macro that all nodes share: it runs in the context of whoever calls it."""

    def __init__(self, macro: Macro, *of_one_node: object) -> None:
        super().__init__(macro)

    @pass_context
    def __call__(self, within: Context, /, *given: object, **named: object) -> object:
        context, node, stack = within.parent[_HELD]
        if self.macro.unique_id not in _PURE or not all(isinstance(word, str) for word in given):
            return self._run(context, node, stack, given, named)
        said = (self.macro.unique_id, *given, *named.items())
        if said not in _answers:
            _answers[said] = self._run(context, node, stack, given, named)
        return _answers[said]

    def _run(self, context: dict, node: ParsedNode, stack: MacroStack, given: tuple, named: dict) -> object:
        """Call the macro in a context, as one of its own would: it stands on the stack, and errors name it."""
        name = self.macro.unique_id
        if stack is not None:
            if node and stack.depth == 0:
                node.depends_on.add_macro(name)
            stack.push(name)
        try:
            return _made_once(self, context)(*given, **named)
        except MacroReturn as returned:
            return returned.value
        except (TypeError, TemplateRuntimeError) as error:
            raise CaughtMacroErrorWithNodeError(exc=error, node=self.macro) from error
        except CompilationError as error:
            error.stack.append(self.macro)
            raise
        finally:
            if stack is not None:
                stack.pop(name)


class _Names(dict, MacroNamespace):
    """All names of macros in one dictionary."""


def _shared(builder: MacroNamespaceBuilder, macros_by_package: Mapping, context: dict) -> MacroNamespace:
    """Make the macros of a package's nodes once; their contexts also know what Jinja gives to every template."""
    context.update(DEFAULT_NAMESPACE)
    context[_HELD] = context, builder.node, builder.thread_ctx
    # what is known by its place in memory is kept
    key = (id(macros_by_package), builder.search_package)
    if key not in _macros:
        _macros[key] = macros_by_package, _namespace(builder, macros_by_package, None)
    return _flat(_macros[key][1])


def _flat(shared: MacroNamespace) -> MacroNamespace:
    """Put the names of all packages into one dictionary, each from the package that comes first: unit tests override some."""
    own = MacroNamespace(
        dict(shared.global_namespace),
        dict(shared.local_namespace),
        dict(shared.global_project_namespace),
        {package: dict(names) for package, names in shared.packages.items()},
    )
    names = _Names()
    for searched in reversed(list(own._search_order())):
        names.update(searched)
    vars(names).update(vars(own))
    return names


def _made_once(macro: _SharedMacro, context: dict) -> MadeMacro:
    """Make a macro once for each context: it keeps nothing of a call."""
    made = context.setdefault(_MADE, {})
    name = macro.macro.unique_id
    if name not in made:
        made[name] = MacroGenerator(macro.macro, context).get_macro()
    return made[name]


def _called(within: Context, called: Callable, /, *given: object, **named: object) -> object:
    """Call what a template calls, most of which is given no more than the template says."""
    kind = type(called)
    if kind is _SharedMacro:
        given = within, *given
    elif kind is not MadeMacro and (kind not in _PLAIN or hasattr(called, "jinja_pass_arg")):
        return _call(within, called, *given, **named)
    named.pop("_loop_vars", None)
    named.pop("_block_vars", None)
    try:
        return called(*given, **named)
    except StopIteration:
        return within.environment.undefined("a callable raised StopIteration")


def _told_once(args: object) -> dict:
    """Tell once what a command was called with."""
    if "told" not in vars(_known) or _known.told[0] is not args:
        _known.told = args, _told_of(args)
    return _known.told[1]


def _raisers(node: ParsedNode | None) -> dict:
    """Make what raises errors of a node once for the contexts that follow each other."""
    if "raisers" not in vars(_known) or _known.raisers[0] is not node:
        _known.raisers = node, _raisers_of(node)
    return _known.raisers[1]


def _merged(*policies: Mapping) -> Mapping:
    """Merge what says of parts of names whether they are quoted, which has nothing in it to copy."""
    if not all(isinstance(said, bool) for policy in policies for said in policy.values()):
        return _merge(*policies)
    return {name: said for policy in policies for name, said in policy.items()}


def _with_overrides(var: UnitTestVar, context: dict, config: RuntimeConfig, node: UnitTestNode) -> None:
    """Let a unit test have vars of its own, without a copy of all that is configured."""
    if node.overrides and node.overrides.vars:
        config = copy(config)
        config.cli_vars = {**config.cli_vars, **node.overrides.vars}
    RuntimeVar.__init__(var, context, config, node)


def _relations_of(cache: RelationsCache, database: str | None, schema: str | None) -> list[BaseRelation]:
    """Find the relations of a schema by what the cache knows them as."""
    place = database and database.lower(), schema and schema.lower()
    with cache.lock:
        return [known.inner for key, known in cache.relations.items() if (key.database, key.schema) == place]


def _match_of_names(adapter: BaseAdapter, relations: list[BaseRelation], database: str, schema: str, name: str) -> list:
    """Compare a relation with those that have the letters of its name."""
    letters = name.lower().strip('"')
    alike = [known for known in relations if (known.path.identifier or "").lower().strip('"') == letters]
    return _make_match(adapter, alike, database, schema, name)


def _within(new_context: Callable) -> Callable:
    """Let a template run in a context that knows all names itself, and not in a copy of it or in a chain of several."""

    def context_of(template: Template, variables: Mapping | None = None, *given: object, **named: object) -> Context:
        if variables is None or _HELD not in variables:
            return new_context(template, variables, *given, **named)
        return template.environment.context_class(template.environment, variables, template.name, template.blocks)

    return context_of


def _connected(uri: str, **told: object) -> dbapi.Connection:
    """Connect a Python model to Postgres: the models of a thread ask for the types of a database once."""
    if told:
        return _connect(uri, **told)
    databases = vars(_databases)
    if uri not in databases:
        first = _connect(uri)
        # one reference more than connections have: closing them leaves it open
        databases[uri] = first._db.clone()
        return first
    return dbapi.Connection(databases[uri], AdbcConnection(databases[uri]._db))


def _on_one_thread(credentials: DuckDBCredentials, *given: object, **named: object) -> object:
    """Open a file of DuckDB without threads, which would wait for each other where two processes of tests have two cores.

    A shop that is there to see what threads do says how many it has.
    """
    connection = _open(credentials, *given, **named)
    connection.execute(f"set threads = {os.environ.get('TESSERA_TEST_THREADS', '1')}")
    _begin(DuckDB, credentials, connection)
    return connection


@classmethod
def _with_its_settings(kind: type[DuckDB], credentials: DuckDBCredentials, *given: object, **named: object) -> object:
    """Begin a cursor of a file that has its settings."""
    own = copy(credentials)
    own.settings = {name: value for name, value in (credentials.settings or {}).items() if name in _OF_A_CURSOR}
    return _begin(kind, own, *given, **named)


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
