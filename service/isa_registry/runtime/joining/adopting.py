"""Identifiers of lawful-basis records."""

from __future__ import annotations

from isa_registry.actions.identifiers import uuid7
from isa_registry.runtime.registry import Registry


def lawful_basis_id(registry: Registry) -> str:
    """`lb_` and 32 hexadecimal digits that sort by time."""
    return "lb_" + uuid7(registry.now(), registry.randomness(10)).replace("-", "")
