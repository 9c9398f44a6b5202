"""Publishing the words of an agreement, and what is decided about a version since."""

from __future__ import annotations

import hashlib

from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.dates import is_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def publish(text: bytes, schedule: Schedule, schedule_sha256: str) -> Draft:
    """One version, word for word. A published version never changes, so its name is refused a second time."""
    fact = AgreementPublished(
        agreement=schedule.agreement,
        version=schedule.version,
        text=text.decode("utf-8"),
        text_sha256=hashlib.sha256(text).hexdigest(),
        schedule=schedule,
        schedule_sha256=schedule_sha256,
    )

    def holds(view: RegisterView, at: str) -> None:
        if view.agreement_version(fact.agreement, fact.version) is not None:
            raise Refused("conflict", "This version is already published. Give the changed text a new version.")
        parent = schedule.parent
        if parent is not None and view.agreement_version(parent.agreement, parent.version) is None:
            detail = "Publish the Tier 1 version that it rests on first."
            raise Refused("unprocessable", detail, (Fault("#/parent", "unknown-agreement", detail),))

    return Draft(payloads=(fact,), preconditions=(holds,))


def bring_into_force(decision: AgreementInForce) -> Draft:
    """A published version is in force from a date on."""
    for pointer, value in (("#/on", decision.on), ("#/review_due", decision.review_due), ("#/ends", decision.ends)):
        if value is not None and not is_date(value):
            raise Refused("malformed", "A date is wrong.", (Fault(pointer, "not-a-date", "Write 2026-09-30."),))

    def holds(view: RegisterView, at: str) -> None:
        version = view.agreement_version(decision.agreement, decision.version)
        if version is None:
            raise Refused("not-found", "There is no such version.")
        if version.in_force_on is not None:
            raise Refused("conflict", "This version already has a date from which it is in force.")

    return Draft(payloads=(decision,), preconditions=(holds,))
