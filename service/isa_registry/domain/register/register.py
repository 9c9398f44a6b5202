"""The register and its views. A view is a register and a log size, so it never changes while the register grows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from isa_registry.domain.access_entries import RoleGranted
from isa_registry.domain.agreements import SchedulePurpose
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.entries import LogContinued, RegistryOpened
from isa_registry.domain.register.basis_view import BasesOfView
from isa_registry.domain.register.facts import (
    AgreementVersion,
    Attestation,
    Client,
    Companion,
    Declined,
    Delegation,
    Hold,
    Issuer,
    KeyRotation,
    LawfulBasis,
    Organisation,
    Partnership,
    SigningKey,
)
from isa_registry.domain.register.law import Law
from isa_registry.domain.register.law_view import LawOfView
from isa_registry.domain.register.memory import Memories, Memory
from isa_registry.domain.register.timelines import Shelf, Timeline
from isa_registry.domain.retention import RetentionRule
from isa_registry.domain.verification_entries import LawChangeLookedAt, LawVerified

T = TypeVar("T")
Spoken = tuple[AgreementVersion, SchedulePurpose, bool]


def _shelf() -> Shelf[T]:
    return defaultdict(Timeline)


class Register:
    """Every fact that the register kinds have set, as timelines over log positions. Only `apply` writes to it."""

    def __init__(self) -> None:
        self.opened: Timeline[RegistryOpened] = Timeline()
        self.continued: Timeline[LogContinued] = Timeline()
        self.catalogue: Timeline[Catalogue] = Timeline()
        self.verifications: Shelf[tuple[LawVerified, ...]] = _shelf()  # by the key of their point
        self.law_looked_at: Shelf[LawChangeLookedAt] = _shelf()  # by "catalogue provision"
        self.law: Timeline[Law] = Timeline()  # worked out from catalogue and verifications
        self.partnerships: Shelf[Partnership] = _shelf()
        self.organisations: Shelf[Organisation] = _shelf()
        self.delegations: Shelf[tuple[Delegation, ...]] = _shelf()  # by organisation
        self.issuers: Shelf[tuple[Issuer, ...]] = _shelf()  # by issuer URL
        self.clients: Shelf[Client] = _shelf()  # by "organisation client"
        self.keys: Shelf[SigningKey] = _shelf()  # by "organisation kid"
        self.roles: Shelf[tuple[RoleGranted, ...]] = _shelf()  # by "issuer subject"
        self.agreements: Shelf[AgreementVersion] = _shelf()  # by "agreement version"
        self.companions: Shelf[tuple[Companion, ...]] = _shelf()  # by "agreement version"
        self.attestations: Shelf[Attestation] = _shelf()  # by attestation id
        self.signatories: Shelf[tuple[str, ...]] = _shelf()  # attestation ids by "agreement version organisation"
        self.declined: Shelf[Declined] = _shelf()  # by "agreement version organisation"
        self.lawful_bases: Shelf[tuple[LawfulBasis, ...]] = _shelf()  # by "organisation agreement purpose"
        self.lawful_basis_keys: Shelf[tuple[str, ...]] = _shelf()  # keys of those by organisation
        self.retention: Shelf[tuple[RetentionRule, ...]] = _shelf()  # by organisation; "" is the partnership
        self.holds: Shelf[Hold] = _shelf()  # by hold id
        self.log_key_rotations: Shelf[tuple[KeyRotation, ...]] = _shelf()  # under "" alone
        self._memories = Memories()

    def changed(self, entry: int) -> None:
        """Says that the entry at this index is about to change the register."""
        self._memories.changed(entry)

    def shelves(self) -> dict[str, Shelf[object]]:
        """Every shelf by its name: for snapshots and for undoing a commit that did not happen."""
        return {name: value for name, value in vars(self).items() if isinstance(value, defaultdict)}

    def forget_from(self, size: int) -> None:
        """Drops what entries `size` and later set."""
        lines: list[Timeline[Any]] = [line for shelf in self.shelves().values() for line in shelf.values()]
        for line in [*lines, self.opened, self.continued, self.catalogue, self.law]:
            line.forget_from(size)
        self._memories.forget_from(size)

    def at(self, size: int) -> RegisterView:
        """The register after the first `size` entries. Views between the same two changes share a memory."""
        return RegisterView(self, size, self._memories.at(size))


class RegisterView(BasesOfView, LawOfView):
    """The register after the first `size` log entries. Dates given as `on` are YYYY-MM-DD, Europe/London."""

    __slots__ = ()

    def apart(self) -> RegisterView:
        """The same view with a memory of its own: for what this one's memory is to hold."""
        return RegisterView(self._register, self.size, Memory())

    def opened(self) -> RegistryOpened | None:
        return self._register.opened.at(self.size)

    def continued(self) -> LogContinued | None:
        """What the log says of the one that it continues; None where it continues none."""
        return self._register.continued.at(self.size)

    def partnership(self, partnership: str) -> Partnership | None:
        """A partnership's record; that of the one that the registry was opened for is there from the start."""
        found = self._look(self._register.partnerships, partnership)
        opened = self.opened()
        if found is None and opened is not None and opened.partnership == partnership:
            return Partnership(partnership=partnership, name=opened.partnership_name, lead_body=opened.lead_body)
        return found

    def partnerships(self) -> list[Partnership]:
        """All partnerships, by id."""
        opened = self.opened()
        ids = {one.partnership for one in self._all(self._register.partnerships)}
        if opened is not None:
            ids.add(opened.partnership)
        return [one for one in map(self.partnership, sorted(ids)) if one is not None]

    def partnership_since(self, partnership: str) -> int | None:
        """The entry that made a partnership's record what it is; the registry's own began with the log."""
        timeline = self._register.partnerships.get(partnership)
        since = None if timeline is None else timeline.since(self.size)
        return 0 if since is None and self.partnership(partnership) is not None else since

    def organisation(self, organisation: str) -> Organisation | None:
        return self._look(self._register.organisations, organisation)

    def organisation_since(self, organisation: str) -> int | None:
        """The entry that made a body's record what it is."""
        timeline = self._register.organisations.get(organisation)
        return None if timeline is None else timeline.since(self.size)

    def organisations(self) -> list[Organisation]:
        """All bodies, by id."""
        return sorted(self._all(self._register.organisations), key=lambda found: found.organisation)

    def delegations_of(self, organisation: str) -> tuple[Delegation, ...]:
        """Who else may bind a body, or once could, oldest first."""
        return self._look(self._register.delegations, organisation) or ()

    def issuers(self, url: str) -> tuple[Issuer, ...]:
        """Every use of an issuer: one, or several told apart by a claim."""
        return self._look(self._register.issuers, url) or ()

    def every_issuer(self) -> list[Issuer]:
        """Every use of every issuer, by issuer and organisation."""
        found = [one for uses in self._all(self._register.issuers) for one in uses]
        return sorted(found, key=lambda one: (one.issuer, one.organisation))

    def issuers_of(self, organisation: str) -> list[Issuer]:
        return [one for one in self.every_issuer() if one.organisation == organisation]

    def client(self, organisation: str, client: str) -> Client | None:
        return self._look(self._register.clients, f"{organisation} {client}")

    def clients_of(self, organisation: str) -> list[Client]:
        """The clients of a body that were granted anything, by id."""
        found = [one for one in self._all(self._register.clients) if one.organisation == organisation and one.scopes]
        return sorted(found, key=lambda one: one.client)

    def all_clients(self) -> Iterator[Client]:
        """Every body's clients, in no order."""
        return self._all(self._register.clients)

    def key(self, organisation: str, kid: str) -> SigningKey | None:
        return self._look(self._register.keys, f"{organisation} {kid}")

    def all_keys(self) -> Iterator[SigningKey]:
        """Every body's keys, in no order."""
        return self._all(self._register.keys)

    def keys_of(self, organisation: str) -> list[SigningKey]:
        found = self._all(self._register.keys)
        return sorted(
            (key for key in found if key.registered.organisation == organisation), key=lambda k: k.registered.kid
        )

    def roles(self, issuer: str, subject: str) -> tuple[RoleGranted, ...]:
        return self._look(self._register.roles, f"{issuer} {subject}") or ()

    def roles_of(self, organisation: str) -> list[RoleGranted]:
        """Every role that was granted for a body and not revoked, by person; some may have reached their last day."""
        return sorted(
            (one for one in self.all_roles() if one.organisation == organisation),
            key=lambda one: (one.issuer, one.subject, one.role),
        )

    def all_roles(self) -> Iterator[RoleGranted]:
        """Every body's granted roles, in no order."""
        return (one for roles in self._all(self._register.roles) for one in roles)

    def granted_by(self, role: RoleGranted) -> int | None:
        """The entry since which a person has had a role without a gap; a longer term or a shorter one is none."""
        since: int | None = None
        timeline = self._register.roles.get(f"{role.issuer} {role.subject}")
        for entry, roles in [] if timeline is None else timeline.history(self.size):
            held = any((one.organisation, one.role) == (role.organisation, role.role) for one in roles)
            since = (entry if since is None else since) if held else None
        return since

    def known_by(self, entry: int) -> tuple[str, str] | None:
        """The person, by issuer and subject, whom an entry first made known."""
        for key, timeline in list(self._register.roles.items()):
            history = timeline.history(self.size)
            if history and history[0][0] == entry:
                issuer, _, subject = key.partition(" ")
                return issuer, subject
        return None

    def first_known_by(self, issuer: str, subject: str) -> int | None:
        """The entry that first made a person known: a number for them that is no personal data."""
        timeline = self._register.roles.get(f"{issuer} {subject}")
        history = [] if timeline is None else timeline.history()
        return history[0][0] if history and history[0][0] < self.size else None

    def agreement_version(self, agreement: str, version: str) -> AgreementVersion | None:
        return self._look(self._register.agreements, f"{agreement} {version}")

    def published_by(self, agreement: str, version: str) -> int | None:
        """The entry that published a version."""
        history = self.agreement_history(agreement, version)
        return history[0][0] if history else None

    def agreement_versions(self, agreement: str | None = None) -> list[AgreementVersion]:
        """All versions, by agreement and by when they were published, even where several were at one time."""
        return list(self.memory.recall(("versions", agreement), lambda: self._agreement_versions(agreement)))

    def _agreement_versions(self, agreement: str | None) -> tuple[AgreementVersion, ...]:
        found = [v for v in self._all(self._register.agreements) if agreement is None or v.agreement == agreement]
        entry = self.published_by
        return tuple(sorted(found, key=lambda v: (v.agreement, v.published_at, entry(v.agreement, v.version) or 0)))

    def agreement_history(self, agreement: str, version: str) -> list[tuple[int, AgreementVersion]]:
        """A version after each entry that was about it, oldest first, with the entry's index."""
        timeline = self._register.agreements.get(f"{agreement} {version}")
        return [] if timeline is None else timeline.history(self.size)

    def companions(self, agreement: str, version: str) -> tuple[Companion, ...]:
        """The newest of each text beside the words of a version, by companion and language."""
        return self._look(self._register.companions, f"{agreement} {version}") or ()

    def agreement_in_force(self, agreement: str, on: str) -> AgreementVersion | None:
        """The version in force on a date: the latest to have come into force."""
        return self.memory.recall(("in-force", agreement, on), lambda: self._agreement_in_force(agreement, on))

    def _agreement_in_force(self, agreement: str, on: str) -> AgreementVersion | None:
        found = [v for v in self.agreement_versions(agreement) if v.in_force(on)]
        return max(found, key=lambda v: (v.in_force_on or "", v.published_at), default=None)

    def agreements_in_force(self, on: str) -> list[AgreementVersion]:
        """Every agreement's version in force on a date, by agreement."""
        return self.memory.recall(("agreements-in-force", on), lambda: self._agreements_in_force(on))

    def _agreements_in_force(self, on: str) -> list[AgreementVersion]:
        found: dict[str, AgreementVersion] = {}
        for version in self.agreement_versions():
            if version.in_force(on):
                best = found.get(version.agreement)
                if best is None or (best.in_force_on or "") <= (version.in_force_on or ""):
                    found[version.agreement] = version
        return list(found.values())

    def versions_for(self, purpose: str, on: str) -> list[Spoken]:
        """For each agreement that speaks of a purpose: its version in force on the date where that one covers the
        purpose, otherwise the latest published that does, with the schedule's line and whether it is in force."""
        return self.memory.recall(("versions-for", purpose, on), lambda: self._versions_for(purpose, on))

    def _versions_for(self, purpose: str, on: str) -> list[Spoken]:
        current = {version.agreement: version for version in self.agreements_in_force(on)}
        found: dict[str, Spoken] = {}
        for version in self.agreement_versions():
            line = next((line for line in version.schedule.purposes if line.code == purpose), None)
            if line is not None:
                in_force = current.get(version.agreement) is version
                if in_force or not found.get(version.agreement, (None, None, False))[2]:
                    found[version.agreement] = (version, line, in_force)
        return list(found.values())

    def attestation(self, attestation: str) -> Attestation | None:
        return self._look(self._register.attestations, attestation)

    def attestations_of(self, agreement: str, version: str) -> list[Attestation]:
        """Every attestation of a version, by organisation and entry."""
        return self.memory.recall(("attestations",), self._attestations_by_version).get((agreement, version), [])

    def _attestations_by_version(self) -> dict[tuple[str, str], list[Attestation]]:
        found: dict[tuple[str, str], list[Attestation]] = defaultdict(list)
        for one in sorted(self._all(self._register.attestations), key=lambda one: (one.organisation, one.entry)):
            found[one.agreement, one.version].append(one)
        return dict(found)

    def attestations_by(self, agreement: str, version: str, organisation: str) -> list[Attestation]:
        """A body's own attestations of a version, oldest first."""
        ids = self._look(self._register.signatories, f"{agreement} {version} {organisation}") or ()
        return [one for one in map(self.attestation, ids) if one is not None]

    def declined(self, agreement: str, version: str, organisation: str) -> Declined | None:
        """What a body last said when it declined a version."""
        return self._look(self._register.declined, f"{agreement} {version} {organisation}")

    def signature(self, agreement: str, version: str, organisation: str, on: str) -> Attestation | None:
        """The attestation by which a body is a signatory of a version on a date: its own latest, or that of the parent
        that it follows. None while either of them is suspended, and once it is closed."""
        key = (agreement, version, organisation, on)
        return self.memory.recall_each(key, lambda: self._signature(agreement, version, organisation, on))

    def _signature(self, agreement: str, version: str, organisation: str, on: str) -> Attestation | None:
        return self.signatures(organisation, on)(agreement, version)

    def signatures(self, organisation: str, on: str) -> Callable[[str, str], Attestation | None]:
        """By agreement and version, what `signature` says of one body: for who asks about many versions at once."""
        line: list[Organisation] = []
        current: str | None = organisation
        while current is not None and all(body.organisation != current for body in line):
            body = self.organisation(current)
            if body is None or not body.takes_part(on):
                break
            line.append(body)
            current = body.parent

        def signature(agreement: str, version: str) -> Attestation | None:
            for body in line:
                for attestation in reversed(self.attestations_by(agreement, version, body.organisation)):
                    if attestation.stands(on):
                        return attestation
                if not body.follows_parent(agreement):
                    return None
            return None

        return signature

    def retention_rules(self, organisation: str | None) -> tuple[RetentionRule, ...]:
        """The rules for what belongs to a body, its own before the partnership's."""
        own = () if organisation is None else self._look(self._register.retention, organisation) or ()
        return (*own, *(self._look(self._register.retention, "") or ()))

    def retention_classes(self, organisation: str) -> set[str]:
        """The classes that a body's records may name: those of agreements' schedules, and of the rules for it."""
        scheduled = {one.code for version in self.agreement_versions() for one in version.schedule.retention}
        ruled = {rule.record_class for rule in self.retention_rules(organisation)}
        return scheduled | {named for named in ruled if named is not None}

    def hold(self, hold: str) -> Hold | None:
        return self._look(self._register.holds, hold)

    def holds(self) -> list[Hold]:
        """The holds that are not lifted, by id."""
        found = [hold for hold in self._all(self._register.holds) if hold.lifted_at is None]
        return sorted(found, key=lambda hold: hold.hold)

    def log_key_rotations(self) -> tuple[KeyRotation, ...]:
        """Every change of the log's own keys, oldest first."""
        return self._look(self._register.log_key_rotations, "") or ()
