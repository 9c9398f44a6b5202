"""Which agreements speak of a purpose, and whether the two bodies stand under them on a date."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.agreements import SchedulePurpose, allowance
from isa_registry.domain.register.facts import AgreementVersion, Attestation
from isa_registry.domain.register.register import RegisterView


class Coverage(NamedTuple):
    """One agreement version whose schedule names the purpose, and how two bodies stand to it.

    `categories` may go in this direction, of which `minimum` are normally enough.
    `reserved`: one of them signed with a reservation of the purpose. `lapsed`: the Tier 1 beneath is not in force, or
    a body that signed this one has no standing signature of it.
    """

    version: AgreementVersion
    purpose: SchedulePurpose
    categories: tuple[str, ...]
    minimum: tuple[str, ...]
    in_force: bool
    provider_signed: bool
    recipient_signed: bool
    reserved: bool
    lapsed: bool

    @property
    def complete(self) -> bool:
        return (
            self.in_force and self.provider_signed and self.recipient_signed and not self.reserved and not self.lapsed
        )

    @property
    def cite(self) -> str:
        """`agreement/version#clause`, the form in which a reason cites it."""
        return f"{self.version.agreement}/{self.version.version}#{self.purpose.clause}"


def coverages(view: RegisterView, purpose: str, provider: str | None, recipient: str | None, on: str) -> list[Coverage]:
    """Every agreement's version that covers the purpose (in force on the date, otherwise the latest to speak of it),
    the one that fits the two bodies best first. None is a body that is not registered."""
    key = ("coverages", purpose, provider, recipient, on)
    return view.memory.recall(key, lambda: _coverages(view, purpose, provider, recipient, on))


def _coverages(
    view: RegisterView, purpose: str, provider: str | None, recipient: str | None, on: str
) -> list[Coverage]:
    found = [
        _stand(view, version, line, in_force, provider, recipient, on)
        for version, line, in_force in view.versions_for(purpose, on)
    ]
    if len(found) > 1:
        found.sort(key=_fit)
    return found


def _fit(one: Coverage) -> tuple[bool, bool, int, str]:
    return (not one.complete, not one.in_force, 2 - one.provider_signed - one.recipient_signed, one.version.agreement)


def _stand(
    view: RegisterView,
    version: AgreementVersion,
    line: SchedulePurpose,
    in_force: bool,
    provider: str | None,
    recipient: str | None,
    on: str,
) -> Coverage:
    signatures = [_signed(view, version.agreement, version.version, body, on) for body in (provider, recipient)]
    lapsed = False
    parent = version.schedule.parent
    if parent is not None:
        beneath = view.agreement_version(parent.agreement, parent.version)
        lapsed = beneath is None or not beneath.in_force(on)
        if not lapsed:
            lapsed = any(
                signature is not None and _signed(view, parent.agreement, parent.version, body, on) is None
                for body, signature in zip((provider, recipient), signatures, strict=True)
            )
    kinds = [view.organisation(body) if body is not None else None for body in (provider, recipient)]
    allowed = allowance(version.schedule, line, *(one.organisation_kind if one else None for one in kinds))
    return Coverage(
        version=version,
        purpose=line,
        categories=allowed.categories,
        minimum=allowed.minimum,
        in_force=in_force,
        provider_signed=signatures[0] is not None,
        recipient_signed=signatures[1] is not None,
        reserved=any(one is not None and line.code in one.reservations for one in signatures),
        lapsed=lapsed,
    )


def _signed(view: RegisterView, agreement: str, version: str, body: str | None, on: str) -> Attestation | None:
    return view.signature(agreement, version, body, on) if body is not None else None
