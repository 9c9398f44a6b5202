"""The OpenID AuthZEN Authorization API 1.0 (docs/guides/authzen.md). A false decision is not a prohibition."""

from __future__ import annotations

from isa_registry.api.authzen import evaluating, metadata, searching

HANDLERS = [*evaluating.HANDLERS, *searching.HANDLERS, *metadata.HANDLERS]
