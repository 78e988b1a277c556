"""Who is who: which identifiers belong to one person (:func:`resolve`), within limits (:class:`Limits`)."""

import tessera.scientific  # noqa: F401
from tessera.identity.components import COMPONENTS, resolve
from tessera.identity.limits import Limits

__all__ = ["COMPONENTS", "Limits", "resolve"]
