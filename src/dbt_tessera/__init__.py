"""Checks the project's seeds before dbt does anything with them.

dbt-core imports every installed module whose name starts with ``dbt_`` and starts the classes in its ``plugins``, once the
project's name is known and before anything is parsed or run. It has no hook that can read a seed's file.
"""

from __future__ import annotations

from pathlib import Path

from dbt.plugins.manager import dbtPlugin
from typing_extensions import override

# Commands that load seeds.
LOADING = ("build", "seed", "retry")
# Problems that are told; `tessera check` tells all.
TOLD = 20


class CheckedSeeds(dbtPlugin):
    """Stops a command that would load a seed that cannot be used, with a sentence for each problem."""

    @override
    def initialize(self) -> None:
        if self.project_name != "tessera":
            return
        from dbt.flags import get_flags

        flags = get_flags()
        if flags.WHICH not in LOADING:
            return
        from tessera.seeds import seed_problems

        problems = seed_problems(Path(flags.PROJECT_DIR) / "seeds")
        if problems:
            from dbt_common.exceptions import DbtRuntimeError

            more = [f"and {len(problems) - TOLD} more, see `tessera check`"] if len(problems) > TOLD else []
            raise DbtRuntimeError("\n".join(["Seeds that cannot be used; nothing was changed.", *problems[:TOLD], *more]))


plugins = [CheckedSeeds]
