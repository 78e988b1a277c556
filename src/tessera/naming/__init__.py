"""Names of segments: from the seed, where the members bear out what a name claims, and from Claude, within the same bounds.

Neither ever stops a build: what cannot be named by one is named by the other, and in the end plainly, by what sets it apart.
"""

import tessera.scientific  # noqa: F401
from tessera.naming.claude import COLUMNS, LEDGER, NAMES, name_for_night, name_segments
from tessera.naming.client import NamingSettings
from tessera.naming.seed_names import SAID, name_axis_segments, snake_case, title_case

__all__ = [
    "COLUMNS",
    "LEDGER",
    "NAMES",
    "SAID",
    "NamingSettings",
    "name_axis_segments",
    "name_for_night",
    "name_segments",
    "snake_case",
    "title_case",
]
