"""Tessera: behavioural customer segmentation as a dbt project.

The package holds what SQL cannot do and what the project's own tools need: the mathematics of repeat buying
(:mod:`tessera.btyd`), what Python models call (:mod:`tessera.identity`, :mod:`tessera.axes`, :mod:`tessera.naming`,
:mod:`tessera.ltv`), the demo shop (:mod:`tessera.demo`), the warehouse (:mod:`tessera.warehouse`), pictures
(:mod:`tessera.pictures`) and the command line (:mod:`tessera.cli`).
"""

__version__ = "0.1.0"
