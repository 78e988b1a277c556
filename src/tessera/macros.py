"""The project's macros in Python, so that what a page previews is compiled by the code that compiles it in a build.

dbt's own Jinja environment renders them, each macro by itself as dbt does it; what stands around a macro in a build (the graph,
an adapter with a connection) is not there, and nothing here touches a warehouse.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from dbt_common.clients.jinja import BaseMacroGenerator, extract_toplevel_blocks, get_environment
from dbt_common.exceptions.macros import MacroReturn
from jinja2 import Environment, Template
from typing_extensions import override


class Macros:
    """The macros of a project, to render text with.

    Parameters
    ----------
    project
        The folder of the dbt project.
    engine
        ``duckdb`` or ``postgres``: whose form of a macro is taken where there are several.
    variables
        Values of vars, such as ``as_of``.
    ref
        What a model's name becomes in SQL.

    Attributes
    ----------
    ref
        The same.
    """

    def __init__(self, project: Path, engine: str, variables: Mapping[str, Any], ref: Callable[[str], str]) -> None:
        self._environment = get_environment()
        self._names: dict[str, Any] = {
            "adapter": self,
            "config": lambda **_: "",
            "execute": True,
            "fromjson": json.loads,
            "ref": ref,
            "return": _give_back,
            # the night is always given
            "var": lambda name, default=None: variables.get(name, default),
        }
        self._engine = engine
        self.ref = ref
        for path in sorted((project / "macros").rglob("*.sql")):
            for block in extract_toplevel_blocks(path.read_text(encoding="utf-8"), {"macro"}, collect_raw_data=False):
                macro = _Macro(self._environment, block, self._names)
                self._names[macro.get_name()] = macro

    def render(self, text: str, **names: Any) -> str:
        """Render text, with names that stand before those of macros."""
        given = {**self._names, **names}
        return self._environment.from_string(text, globals=given).render(given)

    def dispatch(self, name: str, _package: str | None = None) -> Any:
        """Give the form of a macro for the engine, as `adapter.dispatch` does."""
        return self._names.get(f"{self._engine}__{name}") or self._names[f"default__{name}"]


class _Macro(BaseMacroGenerator):
    """One macro, called as dbt calls it: `return` gives a value back."""

    def __init__(self, environment: Environment, block: Any, names: dict[str, Any]) -> None:
        super().__init__(names)
        self._environment, self._block = environment, block

    @override
    def get_name(self) -> str:
        return str(self._block.block_name)

    @override
    def get_template(self) -> Template:
        return _translated(self._environment, self._block.full_block)

    def __call__(self, *values: Any, **named: Any) -> Any:
        return self.call_macro(*values, **named)


@lru_cache(maxsize=1024)
def _translated(environment: Environment, text: str) -> Template:
    return environment.from_string(text)


def _give_back(value: Any) -> None:
    raise MacroReturn(value)
