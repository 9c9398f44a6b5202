"""The facts of one question, looked up once: who asks, for whom, when, about whom, and which law governs."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from isa_registry.domain.catalogue import Catalogue, MatrixRow, OrganisationKind
from isa_registry.domain.decisions.consent_standing import Standing, standing
from isa_registry.domain.decisions.coverage import Coverage, coverages
from isa_registry.domain.questions import Evidence, Question, RecipientKind
from isa_registry.domain.register.facts import Organisation
from isa_registry.domain.register.register import RegisterView

SUSPECTED = frozenset({"suspect", "convicted"})
CHILDREN = frozenset({"child", "unborn-child", "other-child"})
LAW_ENFORCEMENT_PURPOSES = frozenset({"crime-prevention", "mappa"})


class Party(NamedTuple):
    """A provider or recipient. `row` is the kind whose matrix row it follows; `kind` None is an unknown body."""

    organisation: Organisation | None
    kind: OrganisationKind | None
    row: OrganisationKind | None

    @property
    def code(self) -> str | None:
        return self.kind.code if self.kind is not None else None


NOBODY = Party(None, None, None)


def _party(catalogue: Catalogue, organisation: Organisation | None, kind_code: str | None) -> Party:
    kind = catalogue.kinds.get(kind_code) if kind_code is not None else None
    if kind is None:
        return Party(organisation, None, None)
    row = kind.row
    if organisation is not None and organisation.council_run and kind.row_if_council_run is not None:
        row = kind.row_if_council_run
    return Party(organisation, kind, catalogue.kinds.get(row) if row is not None else None)


class Case:
    """A question with everything a rule reads. In immediate danger the recipient is not looked up at all."""

    def __init__(
        self, view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, today: str
    ) -> None:
        self.view, self.catalogue, self.question, self.evidence = view, catalogue, question, evidence
        self.circumstances = question.circumstances
        self.today = today
        self.on = question.on or today
        self.day = date.fromisoformat(self.on)
        self.immediate = question.urgency == "immediate-danger"
        self.routine = question.urgency == "routine"
        self.in_force = catalogue_in_force(catalogue, self.day)

        provider = view.organisation(question.provider) if question.provider is not None else None
        self.provider = _party(catalogue, provider, provider.organisation_kind if provider is not None else None)
        self.recipient = NOBODY if self.immediate else self._recipient()

        self.purpose = catalogue.purposes.get(question.purpose)
        row, kind = self.provider.row, self.provider.kind
        self.public = row is not None and row.public
        self.non_public = row is not None and not row.public
        self.health = kind is not None and kind.health
        self.competent = kind is not None and kind.competent_authority
        self.row = self._matrix_row(self.purpose.matrix) if self.purpose is not None else None
        self.child_link = self._child_link()
        self.unsafe = (
            self.circumstances.informing_increases_risk is True or self.circumstances.para18_reason == "would-prejudice"
        )
        self.law_enforcement = self._law_enforcement()
        self._anonymity()
        self._consent()
        self._coverages: list[Coverage] | None = None

    def _recipient(self) -> Party:
        asked = self.question.recipient
        if isinstance(asked, RecipientKind):
            return _party(self.catalogue, None, asked.kind)
        organisation = self.view.organisation(asked)
        return _party(self.catalogue, organisation, organisation.organisation_kind if organisation else None)

    def _matrix_row(self, column: str) -> MatrixRow | None:
        row = self.provider.row
        return self.catalogue.row(row.code, column) if row is not None else None

    def danger_row(self) -> MatrixRow | None:
        """What the provider relies on when somebody is in immediate danger."""
        return self._matrix_row("immediate-danger")

    def _child_link(self) -> bool | None:
        subjects = self.question.subjects
        if any(subject.kind in CHILDREN for subject in subjects):
            return True
        if self.circumstances.relates_to_child is not None:
            return self.circumstances.relates_to_child
        return True if not subjects else None

    def _law_enforcement(self) -> bool:
        """DPA 2018 Part 3 governs: a competent authority, for a law enforcement purpose (s.31)."""
        stated = self.circumstances.law_enforcement_purpose
        if not self.competent:
            return False
        return stated is not False if self.question.purpose in LAW_ENFORCEMENT_PURPOSES else stated is True

    def _anonymity(self) -> None:
        claimed = self.circumstances.anonymised
        categories = self.catalogue.categories
        referenced = self.evidence.references or any(subject.ref is not None for subject in self.question.subjects)
        identifying = referenced or any(
            category is None or category.identifying for category in map(categories.get, self.question.categories)
        )
        self.not_anonymous = claimed is True and identifying
        self.anonymised = False if self.not_anonymous else claimed

    def _consent(self) -> None:
        everyone = tuple(range(len(self.question.subjects)))
        self.consent = standing(self.circumstances.consent, self.evidence, "the-basis", everyone)
        self.agreement = standing(
            self.circumstances.agreement_to_service, self.evidence, "agreement-to-service", everyone
        )
        self.consent_unread = self.evidence.consent_register == "unavailable"
        self.family_choice = (
            self.non_public
            and self.question.purpose == "early-help"
            and self.circumstances.para18_reason is None
            and not self.unsafe
        )

    def agreed(self, who: tuple[int, ...] | None = None) -> Standing:
        """Agreement to a service, or consent where nothing was said of agreement; a refusal in either wins."""
        agreement, consent = self.standings(who)
        for either in (agreement, consent):
            if either.refused:
                return either
        if self.circumstances.agreement_to_service is not None or agreement.status is not None:
            return agreement
        return consent

    def standings(self, who: tuple[int, ...] | None = None) -> tuple[Standing, Standing]:
        """Agreement to a service and consent, of these subjects (positions), or of everybody."""
        if who is None:
            return self.agreement, self.consent
        stated = self.circumstances
        return (
            standing(stated.agreement_to_service, self.evidence, "agreement-to-service", who),
            standing(stated.consent, self.evidence, "the-basis", who),
        )

    @property
    def parent_suspected(self) -> bool:
        """A parent or carer is among the people concerned as a suspect or convicted."""
        return any(
            subject.kind == "parent-carer" and not SUSPECTED.isdisjoint(subject.roles)
            for subject in self.question.subjects
        )

    @property
    def refusal(self) -> bool:
        """Somebody said no, or took a yes back."""
        return self.consent.refused or self.agreement.refused

    @property
    def coverages(self) -> list[Coverage]:
        """Every agreement version that speaks of the purpose, the one that fits best first."""
        if self._coverages is None:
            recipient = self.question.recipient
            self._coverages = coverages(
                self.view,
                self.question.purpose,
                self.question.provider if self.provider.organisation is not None else None,
                recipient if isinstance(recipient, str) and self.recipient.organisation is not None else None,
                self.on,
            )
        return self._coverages

    @property
    def has_basis(self) -> bool:
        """Whether the matrix gives the provider a basis for the purpose that is in force on the date."""
        row = self.row
        if row is None or not row.reliable:
            return False
        if self.law_enforcement:
            return any(use.code in self.in_force for use in row.part_3)
        chosen = self.family_choice and (self.routine or self.consent.given)
        return any(
            use.code in self.in_force and (chosen or use.when != "consent-is-the-basis") for use in row.article_6
        )


_SEEN: list[tuple[Catalogue, date, frozenset[str]]] = []
_SEEN_AT_MOST = 8


def catalogue_in_force(catalogue: Catalogue, day: date) -> frozenset[str]:
    """The codes of the provisions in force on a day. The last few answers are kept, by identity of the catalogue."""
    for seen, at, codes in _SEEN:
        if seen is catalogue and at == day:
            return codes
    codes = frozenset(code for code, provision in catalogue.provisions.items() if provision.in_force_on(day))
    _SEEN.append((catalogue, day, codes))
    if len(_SEEN) > _SEEN_AT_MOST:
        del _SEEN[0]
    return codes
