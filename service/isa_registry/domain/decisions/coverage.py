"""Which agreements speak of a purpose, and whether the two bodies stand under them on a date."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from isa_registry.domain.agreements import allowance
from isa_registry.domain.answers import AgreementCited
from isa_registry.domain.register.facts import AgreementVersion, Organisation
from isa_registry.domain.register.register import RegisterView, Spoken


class Stand:
    """What a coverage depends on of a body: its kind and, a letter for each version, how it stands to that: `-` has not
    signed it, `s` has, `r` with a reservation of the purpose; `S` and `R` without a standing signature beneath it.
    `signed` has a bit for each `s`, `any` is whether it signed one at all.

    A body that is not registered stands to none, whichever there are.
    """

    __slots__ = ("any", "kind", "signed", "stances")

    def __init__(self, kind: str | None, stances: str) -> None:
        self.kind, self.stances = kind, stances
        self.any = any(stance != "-" for stance in stances)
        self.signed = sum(1 << place for place, stance in enumerate(stances) if stance == "s")


NOT_HERE = Stand(None, "")


class Coverage:
    """One agreement version whose schedule names the purpose, and how two bodies stand to it.

    `categories` may go in this direction, of which `minimum` are normally enough.
    `reserved`: one of them signed with a reservation of the purpose. `lapsed`: the Tier 1 beneath is not in force, or
    a body that signed this one has no standing signature of it. `complete`: nothing is against it. `cite` is
    `agreement/version#clause`, the form in which a reason cites it.
    """

    __slots__ = (
        "categories", "cite", "complete", "in_force", "lapsed", "minimum", "provider_signed", "purpose",
        "recipient_signed", "reserved", "version",
    )  # fmt: skip

    def __init__(
        self, spoken: Spoken, sending: Stand, receiving: Stand, stances: tuple[str, str], *, beneath_lapsed: bool
    ) -> None:
        self.version, self.purpose, self.in_force = spoken
        allowed = allowance(self.version.schedule, self.purpose, sending.kind, receiving.kind)
        self.categories, self.minimum = allowed.categories, allowed.minimum
        self.provider_signed, self.recipient_signed = stances[0] != "-", stances[1] != "-"
        self.reserved = any(stance in "rR" for stance in stances)
        self.lapsed = beneath_lapsed or any(stance.isupper() for stance in stances)
        self.complete = (
            self.in_force and self.provider_signed and self.recipient_signed and not self.reserved and not self.lapsed
        )
        self.cite = f"{self.version.agreement}/{self.version.version}#{self.purpose.clause}"


class Part:
    """Some of the coverages between two bodies, and what answers say of them: how reasons cite them, how the answer
    does, and which categories are normally enough (`minimum`)."""

    __slots__ = ("cited", "cites", "coverage", "minimum")

    def __init__(self, coverage: tuple[Coverage, ...]) -> None:
        self.coverage = coverage
        self.cites = tuple(one.cite for one in coverage)
        self.cited = tuple(_cited(one) for one in coverage)
        self.minimum = frozenset(code for one in coverage for code in one.minimum)


NOTHING = Part(())


class Covered:
    """The coverages between two bodies that are complete, and parts of these by what they let go."""

    __slots__ = ("_by_bits", "_by_coverage", "_lets_go", "complete", "whole")

    def __init__(self, complete: tuple[Coverage, ...]) -> None:
        self.complete = complete
        self.whole = Part(complete)
        self._by_coverage: dict[tuple[Coverage, ...], Part] = {complete: self.whole, (): NOTHING}
        self._by_bits: dict[int, Part] = {0: NOTHING}
        self._lets_go: dict[str, int] = {}
        for place, one in enumerate(complete):
            for category in one.categories:
                self._lets_go[category] = self._lets_go.get(category, 0) | 1 << place

    def part(self, coverage: tuple[Coverage, ...]) -> Part:
        """What answers say of some of them."""
        if coverage is self.complete:
            return self.whole
        found = self._by_coverage.get(coverage)
        if found is None:
            found = self._by_coverage[coverage] = Part(coverage)
        return found

    def letting_go(self, categories: tuple[str, ...]) -> tuple[Part, list[str]]:
        """Those that let any of the categories go, and the categories that none does."""
        bits, outside = 0, []
        for category in categories:
            lets_go = self._lets_go.get(category)
            if lets_go is None:
                outside.append(category)
            else:
                bits |= lets_go
        found = self._by_bits.get(bits)
        if found is None:
            some = tuple(one for place, one in enumerate(self.complete) if bits >> place & 1)
            found = self._by_bits[bits] = self.part(some)
        return found, outside


def _cited(one: Coverage) -> AgreementCited:
    version = one.version
    return AgreementCited(
        agreement=version.agreement,
        version=version.version,
        clause=one.purpose.clause,
        url=f"/agreements/{one.cite}",
        sha256=version.text_sha256,
    )


def coverages(view: RegisterView, purpose: str, provider: str | None, recipient: str | None, on: str) -> list[Coverage]:
    """Every agreement's version that covers the purpose (in force on the date, otherwise the latest to speak of it),
    the one that fits the two bodies best first. None is a body that is not registered."""
    signing = Signing(view, on)
    spoken = view.versions_for(purpose, on)
    places = signing.places(spoken)
    sending, receiving = (
        NOT_HERE if found is None else signing.stand(signing.signed_by(found), places, purpose)
        for found in (None if body is None else view.organisation(body) for body in (provider, recipient))
    )
    return between(view, spoken, sending, receiving, on)


class Signed(NamedTuple):
    """How a body stands to each version that an agreement speaks with, a letter each; and by their places the purposes
    that it did not accept."""

    kind: str
    letters: str
    reservations: dict[int, tuple[str, ...]]


class Signing:
    """Who signed what on a date, of the versions that agreements speak with for any purpose."""

    __slots__ = ("_keys", "_on", "_parents", "_places", "_view")

    def __init__(self, view: RegisterView, on: str) -> None:
        self._view, self._on = view, on
        purposes = {line.code for version in view.agreement_versions() for line in version.schedule.purposes}
        spoken = [version for purpose in sorted(purposes) for version, _, _ in view.versions_for(purpose, on)]
        versions = {(version.agreement, version.version): version for version in spoken}
        self._keys = list(versions)
        self._parents = [
            None if parent is None else (parent.agreement, parent.version)
            for parent in (version.schedule.parent for version in versions.values())
        ]
        self._places = {key: place for place, key in enumerate(versions)}

    def places(self, spoken: list[Spoken]) -> list[int]:
        """Where the letters of these versions stand."""
        return [self._places[version.agreement, version.version] for version, _, _ in spoken]

    def signed_by(self, organisation: Organisation) -> Signed:
        signatures = self._view.signatures(organisation.organisation, self._on)
        letters, reservations = [], {}
        for place, (key, parent) in enumerate(zip(self._keys, self._parents, strict=True)):
            signature = signatures(*key)
            if signature is None:
                letters.append("-")
                continue
            letters.append("s" if parent is None or signatures(*parent) is not None else "S")
            if signature.reservations:
                reservations[place] = signature.reservations
        return Signed(organisation.organisation_kind, "".join(letters), reservations)

    def stand(self, signed: Signed, places: list[int], purpose: str) -> Stand:
        """How a body stands to the versions at these places, which speak of the purpose."""
        letters, reserved = signed.letters, signed.reservations
        stances = [letters[place] for place in places]
        if reserved:
            for position, place in enumerate(places):
                if purpose in reserved.get(place, ()):
                    stances[position] = "r" if stances[position] == "s" else "R"
        return Stand(signed.kind, "".join(stances))


def between(view: RegisterView, spoken: list[Spoken], sending: Stand, receiving: Stand, on: str) -> list[Coverage]:
    """The coverages between two bodies that stand so."""
    found = [
        Coverage(one, sending, receiving, both, beneath_lapsed=lapsed(view, one[0], on))
        for one, both in zip(spoken, _by_version(len(spoken), sending, receiving), strict=True)
    ]
    if len(found) > 1:
        found.sort(key=fit)
    return found


def _by_version(count: int, sending: Stand, receiving: Stand) -> Iterator[tuple[str, str]]:
    return zip(sending.stances or "-" * count, receiving.stances or "-" * count, strict=True)


def lapsed(view: RegisterView, version: AgreementVersion, on: str) -> bool:
    """Whether the Tier 1 beneath a version is not in force."""
    parent = version.schedule.parent
    if parent is None:
        return False
    beneath = view.agreement_version(parent.agreement, parent.version)
    return beneath is None or not beneath.in_force(on)


def fit(one: Coverage) -> tuple[bool, bool, int, str]:
    return (not one.complete, not one.in_force, 2 - one.provider_signed - one.recipient_signed, one.version.agreement)
