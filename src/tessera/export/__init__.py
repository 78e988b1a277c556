"""Exports: who may be met, in the shapes that marketing tools take, written whole or not at all. Nothing here sends anything."""

from tessera.export.contacts import Audience, Contact
from tessera.export.requests import Request
from tessera.export.tools import TOOLS, Tool

__all__ = ["TOOLS", "Audience", "Contact", "Request", "Tool"]
