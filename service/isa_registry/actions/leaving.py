"""Saying no, and taking a yes back: a body declines a version, or withdraws its attestation from a day on."""

from __future__ import annotations

from isa_registry.actions import leading
from isa_registry.actions.attestations import Target, refuse_outside_partnership
from isa_registry.actions.deciding import Decider
from isa_registry.domain.agreement_entries import AttestationDeclined, AttestationWithdrawn
from isa_registry.domain.attesting_codes import DECLINE_REASONS, WITHDRAWAL_REASONS
from isa_registry.domain.dates import is_date, london_date, parse_instant
from isa_registry.domain.lifecycles import step
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.attestation_states import why_not_open
from isa_registry.domain.register.binding import speaks_for
from isa_registry.domain.register.lives import state_of_attestation
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft


def decline(target: Target, organisation: str, reason: str, by: Decider, view: RegisterView) -> Draft:
    """A body says that it does not attest a version, by one of its signatories. It may still do so later.

    Raises `Refused`: `not-found`, `not-your-organisation`, `forbidden`, `unprocessable` for a reason that is none,
    `conflict` where it has attested or declined, or nobody attests the version any more.
    """
    _refuse_reason(reason, DECLINE_REASONS)
    word = leading.signatory_of(by.organisation, by, view)

    def holds(view: RegisterView, at: str) -> None:
        today = london_date(parse_instant(at))
        version = view.agreement_version(target.agreement, target.version)
        if version is None:
            raise Refused("not-found", "There is no such version.")
        _refuse_another(view, organisation, by.organisation, target.agreement, today)
        refuse_outside_partnership(view, version, organisation)
        reason = why_not_open(view, version, today)
        if reason is not None:
            raise Refused("conflict", reason)
        state = state_of_attestation(view, target.agreement, target.version, organisation)
        if step("attestation", state, "decline") is None:
            declined = state == "declined"
            detail = "has declined this version already." if declined else "has attested this version. Withdraw that."
            raise Refused("conflict", f"This organisation {detail}")

    fact = AttestationDeclined(
        agreement=target.agreement,
        version=target.version,
        organisation=organisation,
        reason=reason,
    )
    return leading.on_the_word_of(Draft(payloads=(fact,), preconditions=(holds,)), word)


def withdraw(target: Target, attestation: str, on: str, reason: str, by: Decider, view: RegisterView) -> Draft:
    """From a day on, a body is a signatory no longer: at any time, whatever has become of the version.

    Raises `Refused`: `not-found`, `not-your-organisation`, `forbidden`, `unprocessable` for a day that has passed or a
    reason that is none, `conflict` where it is withdrawn already.
    """
    _refuse_reason(reason, WITHDRAWAL_REASONS)
    if not is_date(on):
        raise Refused("unprocessable", "The day is wrong.", (Fault("#/on", "not-a-date", "Write 2026-09-30."),))
    found = view.attestation(attestation)
    if found is None or (found.agreement, found.version) != (target.agreement, target.version):
        raise Refused("not-found", "There is no such attestation of this version.")
    word = leading.signatory_of(by.organisation, by, view)

    def holds(view: RegisterView, at: str) -> None:
        today, standing = london_date(parse_instant(at)), view.attestation(attestation)
        if standing is None:
            raise Refused("not-found", "There is no such attestation of this version.")
        _refuse_another(view, standing.organisation, by.organisation, target.agreement, today)
        if standing.withdrawn_on is not None:
            raise Refused("conflict", "This attestation is withdrawn already.")
        if on < today:
            detail = "Withdraw from today on, or from a day to come: what was shared until now was shared under it."
            raise Refused("unprocessable", detail, (Fault("#/on", "in-the-past", detail),))

    fact = AttestationWithdrawn(
        attestation=attestation,
        agreement=found.agreement,
        version=found.version,
        organisation=found.organisation,
        on=on,
        reason=reason,
    )
    return leading.on_the_word_of(Draft(payloads=(fact,), preconditions=(holds,)), word)


def _refuse_another(view: RegisterView, organisation: str, by: str, agreement: str, on: str) -> None:
    """Raises `Refused` unless a body's signatories speak for `organisation`. Another's is refused whether or not it
    exists."""
    if not speaks_for(view, by, organisation, agreement, on):
        raise Refused(
            "not-your-organisation",
            "This is done by a signatory of the organisation itself, or of one that it delegated to.",
        )


def _refuse_reason(reason: str, known: dict[str, str]) -> None:
    if reason not in known:
        detail = f"Use one of {', '.join(known)}."
        raise Refused("unprocessable", detail, (Fault("#/reason", "unknown-code", detail),))
