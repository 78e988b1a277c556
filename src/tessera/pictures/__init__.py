"""Pictures of what the project found, drawn from its marts: `tessera draw`.

`marts` reads, `canvas` knows how pictures look and are stored, and every kind of picture is a module of its own: a function
from tables to a figure, and one that reads, draws and writes. A new kind is such a module and a line in `command`.
"""

from __future__ import annotations

from tessera.pictures.canvas import PictureError
from tessera.pictures.command import add_draw

__all__ = ["PictureError", "add_draw"]
