"""Publishing what stands beside the words of a version: summaries and translations. Nobody signs them."""

from __future__ import annotations

import hashlib

from isa_registry.actions.agreement_days import refuse_faults, version_of
from isa_registry.domain.agreement_entries import CompanionPublished
from isa_registry.domain.agreement_text import clauses_of
from isa_registry.domain.companions import companion_faults
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def companion(agreement: str, version: str, sort: str, language: str, text: str) -> CompanionPublished:
    """A text beside a version as an entry holds it."""
    return CompanionPublished(
        agreement=agreement,
        version=version,
        companion=sort,
        language=language,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def publish(fact: CompanionPublished) -> Draft:
    """A text takes its place beside a version, and that of the one that was there before.

    Refused at the tail: `not-found` where there is no such version; `unprocessable` for a text that does not fit it;
    `conflict` where exactly this text stands there.
    """

    def holds(view: RegisterView, at: str) -> None:
        found = version_of(view, fact)
        refuse_faults(
            "The text does not fit the version.",
            companion_faults(
                fact.companion,
                fact.language,
                fact.text,
                agreement=fact.agreement,
                version=fact.version,
                signed_in=found.schedule.language,
                clauses=clauses_of(found.text),
            ),
        )
        stands = (fact.companion, fact.language, fact.text_sha256)
        if any(
            (one.companion, one.language, one.text_sha256) == stands
            for one in view.companions(fact.agreement, fact.version)
        ):
            raise Refused("conflict", "Exactly this text is there already.")

    return Draft(payloads=(fact,), preconditions=(holds,))
