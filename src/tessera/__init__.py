"""Tessera: behavioural customer segmentation as a dbt project.

The package holds what SQL cannot do and what the project's own tools need: the demo shop (:mod:`tessera.demo`),
writing raw tables to a warehouse (:mod:`tessera.loading`) and the command line (:mod:`tessera.cli`).
"""

__version__ = "0.1.0"
