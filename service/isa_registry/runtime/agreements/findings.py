"""What the lint says of a draft: warnings that are shown to its unit, and stop nothing."""

from __future__ import annotations

import asyncio

from isa_registry.domain.agreement_lint import VersionFiles, lint_agreement
from isa_registry.domain.agreement_lint.clause_ids import LEDGER
from isa_registry.domain.agreement_lint.summaries import CHILDREN, SUMMARY
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreement_text import AgreementError, AgreementFault
from isa_registry.domain.register.register import RegisterView

_NOT_HERE = frozenset({SUMMARY, CHILDREN, LEDGER})
"""Files of an agreement that a draft does not bring with it."""


async def findings(view: RegisterView, words: bytes, schedule: bytes) -> list[AgreementFault]:
    """What a person should look at in a draft, by line; takes some tenths of a second, beside what else is asked."""
    return await asyncio.to_thread(_findings, view, words, schedule)


def _findings(view: RegisterView, words: bytes, schedule: bytes) -> list[AgreementFault]:
    catalogue = view.catalogue()
    if catalogue is None:
        return []
    files = VersionFiles(
        agreement=words.decode(),
        schedule=schedule,
        summary=None,
        summary_children=None,
        ledger=None,
        parent=_parent(view, schedule),
        newest=True,
    )
    return [one for one in lint_agreement(files, catalogue) if one.file not in _NOT_HERE]


def _parent(view: RegisterView, schedule: bytes) -> str | None:
    try:
        named = read_schedule(schedule).parent
    except AgreementError:
        return None
    found = None if named is None else view.agreement_version(named.agreement, named.version)
    return None if found is None else found.text
