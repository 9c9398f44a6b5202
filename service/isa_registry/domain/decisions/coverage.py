"""Which agreements speak of a purpose, and whether the two bodies stand under them on a date."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.agreements import SchedulePurpose, allowance
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView, Spoken


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
    spoken = view.versions_for(purpose, on)
    sending, receiving = _party(view, provider, spoken, on), _party(view, recipient, spoken, on)
    # By kind and stance and not by body: of those there are few, and of pairs of bodies millions.
    key = ("coverages", purpose, on, *sending, *receiving)
    return view.memory.recall(key, lambda: _coverages(view, spoken, sending, receiving, on))


class _Party(NamedTuple):
    """What a coverage depends on of a body: its kind and, a letter for each version, how it stands to that: `-` has not
    signed it, `s` has, `r` with a reservation of the purpose; `S` and `R` without a standing signature beneath it."""

    kind: str | None
    stance: str


def _party(view: RegisterView, body: str | None, spoken: list[Spoken], on: str) -> _Party:
    organisation = None if body is None else view.organisation(body)
    if body is None or organisation is None:
        return _Party(None, "-" * len(spoken))
    return _Party(
        organisation.organisation_kind, "".join(_stance(view, body, version, line, on) for version, line, _ in spoken)
    )


def _stance(view: RegisterView, body: str, version: AgreementVersion, line: SchedulePurpose, on: str) -> str:
    signature = view.signature(version.agreement, version.version, body, on)
    if signature is None:
        return "-"
    stance = "r" if line.code in signature.reservations else "s"
    beneath = version.schedule.parent
    if beneath is not None and view.signature(beneath.agreement, beneath.version, body, on) is None:
        return stance.upper()
    return stance


def _coverages(view: RegisterView, spoken: list[Spoken], sending: _Party, receiving: _Party, on: str) -> list[Coverage]:
    stances = zip(sending.stance, receiving.stance, strict=True)
    found = []
    for (version, line, in_force), both in zip(spoken, stances, strict=True):
        allowed = allowance(version.schedule, line, sending.kind, receiving.kind)
        found.append(
            Coverage(
                version=version,
                purpose=line,
                categories=allowed.categories,
                minimum=allowed.minimum,
                in_force=in_force,
                provider_signed=both[0] != "-",
                recipient_signed=both[1] != "-",
                reserved=any(one in "rR" for one in both),
                lapsed=_lapsed(view, version, on) or any(one.isupper() for one in both),
            )
        )
    if len(found) > 1:
        found.sort(key=_fit)
    return found


def _lapsed(view: RegisterView, version: AgreementVersion, on: str) -> bool:
    """Whether the Tier 1 beneath a version is not in force."""
    parent = version.schedule.parent
    if parent is None:
        return False
    beneath = view.agreement_version(parent.agreement, parent.version)
    return beneath is None or not beneath.in_force(on)


def _fit(one: Coverage) -> tuple[bool, bool, int, str]:
    return (not one.complete, not one.in_force, 2 - one.provider_signed - one.recipient_signed, one.version.agreement)
