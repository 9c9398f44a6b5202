"""The register compiled for asking: what answers are made of that does not depend on the question alone.

Worked out when a question first needs it, from one state of the register, one catalogue and one day, and gone with that
state's memory: by day; of a day by body and by purpose; of a purpose by the kind and row of the provider. A body takes
some hundred bytes, however many agreements there are.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from isa_registry.domain.catalogue import Catalogue, MatrixRow, OrganisationKind, Use
from isa_registry.domain.decisions.coverage import (
    NOT_HERE,
    Coverage,
    Covered,
    Signed,
    Signing,
    Stand,
    between,
    fit,
    lapsed,
)
from isa_registry.domain.decisions.records import NO_RECORD, Recorded, recorded
from isa_registry.domain.decisions.stock import Stock, stock_of
from isa_registry.domain.decisions.topics import Clauses, clauses_on
from isa_registry.domain.register.facts import AgreementVersion, Organisation
from isa_registry.domain.register.register import RegisterView

if TYPE_CHECKING:
    from isa_registry.domain.answers import Reason
    from isa_registry.domain.decisions.case import Case
    from isa_registry.domain.decisions.confidence import Rests
    from isa_registry.domain.decisions.guidance import Choice
    from isa_registry.domain.decisions.sayings import Saying

ReasonKey = tuple[str, str, tuple[str, ...], str | None]

_DAYS = 8  # that are kept of one state: today's, and the last what-ifs
_BODIES = 65_536
_KINDS_OF_PAIRS = 4_096


class Party:
    """A provider or recipient. `row` is the kind whose matrix row it follows; `kind` None is an unknown body, or one
    of an unknown kind. `code` is the kind's; `adviser` whom somebody there asks first."""

    __slots__ = ("_footings", "_signed", "adviser", "code", "form", "kind", "organisation", "row")

    def __init__(self, stock: Stock, organisation: Organisation | None, kind: OrganisationKind | None) -> None:
        self.organisation, self.kind = organisation, kind
        row = None
        if kind is not None:
            row = kind.row
            if organisation is not None and organisation.council_run and kind.row_if_council_run is not None:
                row = kind.row_if_council_run
        self.row = stock.catalogue.kinds.get(row) if row is not None else None
        self.code = kind.code if kind is not None else None
        self.form = (self.code, self.row.code if self.row is not None else None)
        if organisation is not None and "advice" in organisation.contacts:
            self.adviser = organisation.contacts["advice"]
        else:
            self.adviser = kind.advice_from if kind is not None else stock.catalogue.words.who["anybody"]
        self._signed: Signed | None = None
        self._footings: dict[str, Footing] = {}

    def footing(self, matter: Matter) -> Footing:
        found = self._footings.get(matter.purpose_code)
        return found if found is not None else self._find(matter)

    def _find(self, matter: Matter) -> Footing:
        organisation = self.organisation
        if organisation is None:
            return NO_FOOTING
        if self._signed is None:
            self._signed = matter.signing.signed_by(organisation)
        found = self._footings[matter.purpose_code] = matter.footing(organisation, self._signed)
        return found


class Footing:
    """A body and a purpose: how it stands to the agreements that speak of it, and its lawful-basis record for it."""

    __slots__ = ("recorded", "stand")

    def __init__(self, stand: Stand, recorded: Recorded) -> None:
        self.stand, self.recorded = stand, recorded


NO_FOOTING = Footing(NOT_HERE, NO_RECORD)


class Contacts:
    """The contact points of the agreements in force: as one `line`, empty where none names any; and who answers
    `out_of_hours`."""

    def __init__(self, in_force: list[AgreementVersion]) -> None:
        contacts = [contact for version in in_force for contact in version.schedule.contacts]
        named: dict[str, str] = {}
        for contact in contacts:
            if contact.telephone is not None:
                named.setdefault(contact.code, f"{contact.label}: {contact.telephone}.")
        self.line = " ".join(named.values())
        late = next((contact for contact in contacts if contact.code == "out-of-hours"), None)
        self.out_of_hours: str | None = None
        if late is not None:
            self.out_of_hours = f"{late.label}, {late.telephone}" if late.telephone else late.label


class Day:
    """A day under one state of the register and one catalogue. `in_force` holds the provisions that are."""

    def __init__(self, view: RegisterView, stock: Stock, on: str) -> None:
        # A view of its own memory: this one's memory holds the day, and would never be let go with it.
        self.view, self.stock, self.on = view.apart(), stock, on
        self.date = date.fromisoformat(on)
        provisions = stock.catalogue.provisions.values()
        self.in_force = frozenset(one.code for one in provisions if one.in_force_on(self.date))
        self.nobody = Party(stock, None, None)
        self._bodies: dict[str | None, Party] = {}
        self._kinds: dict[str, Party] = {}
        self._matters: dict[str, Matter] = {}
        self._signing: Signing | None = None
        self._contacts: Contacts | None = None

    @property
    def contacts(self) -> Contacts:
        if self._contacts is None:
            self._contacts = Contacts(self.view.agreements_in_force(self.on))
        return self._contacts

    @property
    def signing(self) -> Signing:
        if self._signing is None:
            self._signing = Signing(self.view, self.on)
        return self._signing

    def body(self, organisation: str | None) -> Party:
        """A registered body; for any other id the one that nobody is."""
        found = self._bodies.get(organisation)
        return found if found is not None else self._meet(organisation)

    def _meet(self, organisation: str | None) -> Party:
        registered = self.view.organisation(organisation) if organisation is not None else None
        if registered is None:
            return self.nobody
        if len(self._bodies) >= _BODIES:
            self._bodies.clear()
        kind = self.stock.catalogue.kinds.get(registered.organisation_kind)
        found = self._bodies[organisation] = Party(self.stock, registered, kind)
        return found

    def of_kind(self, code: str) -> Party:
        """A body that is not registered, of which the kind alone is told."""
        kind = self.stock.catalogue.kinds.get(code)
        if kind is None:
            return self.nobody
        found = self._kinds.get(code)
        if found is None:
            found = self._kinds[code] = Party(self.stock, None, kind)
        return found

    def matter(self, purpose: str) -> Matter:
        found = self._matters.get(purpose)
        if found is None:
            found = Matter(self.view, self.stock, self.on, self.in_force, self.signing, purpose)
            if purpose in self.stock.catalogue.purposes:
                self._matters[purpose] = found
        return found


class Matter:
    """A purpose on a day: the agreements that speak of it (`spoken_of`: there is one), and whatever else holds of it
    for everybody."""

    def __init__(
        self, view: RegisterView, stock: Stock, on: str, in_force: frozenset[str], signing: Signing, purpose: str
    ) -> None:
        self.signing, self.purpose_code = signing, purpose
        self.purpose = stock.catalogue.purposes.get(purpose)
        self.reasons: dict[ReasonKey, tuple[Saying[Case], tuple[str, ...], Reason | None]] = {}
        self.headlines: dict[str, Saying[Case]] = {}
        self.missing: dict[str, Saying[Case]] = {}
        self._view, self._on, self._in_force = view, on, in_force
        self._row = stock.catalogue.row
        self._spoken = view.versions_for(purpose, on)
        self.spoken_of = bool(self._spoken)
        self._places = signing.places(self._spoken)
        standing = (in_force and not lapsed(view, version, on) for version, _, in_force in self._spoken)
        self._standing = sum(1 << place for place, stands in enumerate(standing) if stands)
        self._stands: dict[tuple[str | None, str], Stand] = {}
        self._covered: dict[tuple[int, str | None, str | None], Covered] = {}
        self._coverages: dict[tuple[Stand, Stand], list[Coverage]] = {}
        self._clauses: dict[str, Clauses] = {}
        self._standpoints: dict[tuple[str | None, str | None], Standpoint] = {}

    def footing(self, organisation: Organisation, signed: Signed) -> Footing:
        """A body's, which signed so. Equal stands are one."""
        stand = self.signing.stand(signed, self._places, self.purpose_code)
        record = recorded(self._view, organisation.organisation, self._spoken, self.purpose_code, self._on)
        return Footing(self._stands.setdefault((stand.kind, stand.stances), stand), record)

    def covered(self, sending: Stand, receiving: Stand) -> Covered:
        """What covers the purpose between two bodies. It depends on what both signed and on their kinds: of these there
        are few, and of pairs of bodies millions."""
        key = (sending.signed & receiving.signed & self._standing, sending.kind, receiving.kind)
        found = self._covered.get(key)
        if found is None:
            if len(self._covered) >= _KINDS_OF_PAIRS:
                self._covered.clear()
            complete = [
                Coverage(spoken, sending, receiving, ("s", "s"), beneath_lapsed=False)
                for place, spoken in enumerate(self._spoken)
                if key[0] >> place & 1
            ]
            found = self._covered[key] = Covered(tuple(sorted(complete, key=fit)))
        return found

    def coverages(self, sending: Stand, receiving: Stand) -> list[Coverage]:
        """Every agreement that speaks of the purpose, the one that fits two bodies best first."""
        key = (sending, receiving)
        found = self._coverages.get(key)
        if found is None:
            if len(self._coverages) >= _KINDS_OF_PAIRS:
                self._coverages.clear()
            found = self._coverages[key] = between(self._view, self._spoken, *key, self._on)
        return found

    def clauses_on(self, topic: str) -> Clauses:
        found = self._clauses.get(topic)
        if found is None:
            found = self._clauses[topic] = clauses_on(self._view, self.purpose_code, topic, self._on)
        return found

    def standpoint(self, provider: Party) -> Standpoint:
        found = self._standpoints.get(provider.form)
        if found is None:
            row, purpose = provider.row, self.purpose
            found = self._standpoints[provider.form] = Standpoint(
                provider,
                None if row is None or purpose is None else self._row(row.code, purpose.matrix),
                None if row is None else self._row(row.code, "immediate-danger"),
                self._in_force,
            )
        return found


class Standpoint:
    """A purpose on a day as a provider of some kind sees it, following some matrix row.

    `part_3` and `article_6` are what the row, where it can be relied on, names that is in force on the day; `unchosen`
    is `article_6` without what stands on the family's choice.
    """

    def __init__(
        self, provider: Party, row: MatrixRow | None, danger_row: MatrixRow | None, in_force: frozenset[str]
    ) -> None:
        kind, follows = provider.kind, provider.row
        self.row, self.danger_row = row, danger_row
        self.public = follows is not None and follows.public
        self.non_public = follows is not None and not follows.public
        self.health = kind is not None and kind.health
        self.competent = kind is not None and kind.competent_authority
        self.part_3: tuple[Use, ...] = ()
        self.article_6: tuple[Use, ...] = ()
        if row is not None and row.reliable:
            self.part_3 = tuple(use for use in row.part_3 if use.code in in_force)
            self.article_6 = tuple(use for use in row.article_6 if use.code in in_force)
        self.unchosen = tuple(use for use in self.article_6 if use.when != "consent-is-the-basis")
        self.bases: dict[tuple[object, ...], Rests] = {}
        self.guidance: Choice | None = None


def day_of(view: RegisterView, catalogue: Catalogue, on: str, today: str) -> Day:
    """A day as the register and the catalogue have it. Of what-ifs only the last few are kept."""
    days: dict[str, Day] = view.memory.recall(("days",), dict)
    found = days.get(on)
    if found is None or found.stock.catalogue is not catalogue:
        if len(days) >= _DAYS:
            del days[next(day for day in days if day != today)]
        found = days[on] = Day(view, stock_of(catalogue), on)
    return found
