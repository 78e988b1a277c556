"""sqlfluff without the search for cycles among its many small objects, and with one layout of a file for all rules of layout.

Each of the rules that move things (LT01, LT02, LT05, LT14) takes the whole file apart in the same way, which is half of what lint
takes.

python tests/lint.py lint models tests analyses
"""

import gc

from sqlfluff.core import FluffConfig
from sqlfluff.core.parser import BaseSegment
from sqlfluff.utils.reflow.sequence import ReflowSequence

gc.disable()

_from_root = ReflowSequence.from_root
_last: tuple[BaseSegment, FluffConfig, ReflowSequence] | None = None


def _from_the_same_root(root_segment: BaseSegment, config: FluffConfig) -> ReflowSequence:
    """Take a file apart, or give another sequence of the same elements, which stay as they are, of the file before."""
    global _last
    if _last is None or _last[0] is not root_segment or _last[1] is not config:
        _last = (root_segment, config, _from_root(root_segment, config))
    made = _last[2]
    return ReflowSequence(list(made.elements), root_segment, made.reflow_config, made.depth_map)


ReflowSequence.from_root = _from_the_same_root

# the processes that it starts import this file too
if __name__ == "__main__":
    from sqlfluff.cli.commands import cli

    cli()
