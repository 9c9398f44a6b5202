"""Who came and went, as structured log lines: an organisation, a session's reference, a code. Never a subject."""

from __future__ import annotations

from typing import Literal

import structlog

_log = structlog.get_logger("isa_registry.people")

What = Literal[
    "signed-in", "stepped-up", "switched", "refused", "signed-out", "revoked", "refreshed", "admitted-without-database"
]


def access_event(what: What, *, organisation: str = "", session: str = "", reason: str = "") -> None:
    """One line. `session` is a reference (`Session.reference`), `reason` a code of ours."""
    _log.info(what, organisation=organisation, session=session, reason=reason)
