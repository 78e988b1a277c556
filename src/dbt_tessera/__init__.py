"""Checks the vars of a run and the project's seeds before dbt does anything with them, also where the project is a package.

dbt-core imports every installed module whose name starts with ``dbt_`` and starts the classes in its ``plugins``, once the
project's name is known and before anything is parsed or run. It has no hook that can read a seed's file, and none that sees a var
that nobody reads.
"""

from __future__ import annotations

from pathlib import Path

from dbt.plugins.manager import dbtPlugin
from typing_extensions import override

# Commands that load seeds, and those that read no var.
LOADING = ("build", "seed", "retry")
WITHOUT_VARS = ("clean", "debug", "deps", "init")
# Problems that are told; `tessera check` tells all.
TOLD = 20
# Set by `tessera check`, which has told of files and vars, and goes on to what models say of rules.
is_told = False


class Checked(dbtPlugin):
    """Stops a command that would use a var or load a seed that cannot be used, with a sentence for each problem."""

    @override
    def initialize(self) -> None:
        from dbt.flags import get_flags

        from tessera.seeds import seed_problems
        from tessera.variables import home_of, read_yaml, variable_problems

        if is_told:
            return
        flags = get_flags()
        project = Path(flags.PROJECT_DIR)
        if flags.WHICH not in WITHOUT_VARS:
            _refuse("Vars", variable_problems(project, flags.VARS))
        settings = read_yaml(project / "dbt_project.yml")
        home = home_of(project, settings)
        if flags.WHICH in LOADING and home.is_dir():
            own = [] if home == project else [project / folder for folder in settings.get("seed-paths") or ["seeds"]]
            _refuse("Seeds", seed_problems(home / "seeds", own))


def _refuse(kind: str, problems: list[str]) -> None:
    if problems:
        from dbt_common.exceptions import DbtRuntimeError

        more = [f"and {len(problems) - TOLD} more, see `tessera check`"] if len(problems) > TOLD else []
        raise DbtRuntimeError("\n".join([f"{kind} that cannot be used; nothing was changed.", *problems[:TOLD], *more]))


plugins = [Checked]
