"""The facts of one question, looked up once: who asks, for whom, when, about whom, and which law governs."""

from __future__ import annotations

from isa_registry.domain.catalogue import Catalogue, MatrixRow
from isa_registry.domain.decisions.consent_standing import Standing, standing, stated
from isa_registry.domain.decisions.coverage import Coverage
from isa_registry.domain.decisions.features import CHILD, IDENTIFYING, PARENT_SUSPECTED, REFERENCED, of_subjects
from isa_registry.domain.decisions.ground import Day, Party, day_of
from isa_registry.domain.decisions.records import Recorded
from isa_registry.domain.questions import Evidence, Question, RecipientKind
from isa_registry.domain.register.register import RegisterView

LAW_ENFORCEMENT_PURPOSES = frozenset({"crime-prevention", "mappa"})


class Case:
    """A question with everything a rule reads. In immediate danger the recipient is not looked up at all."""

    __slots__ = (
        "agreement", "anonymised", "catalogue", "child_link", "circumstances", "competent", "consent",
        "consent_unread", "covered", "day", "evidence", "family_choice", "features", "has_basis", "health",
        "immediate", "in_force", "law_enforcement", "matter", "non_public", "not_anonymous", "on", "provider",
        "public", "purpose", "question", "receiving", "recipient", "refusal", "routine", "row", "sending", "standpoint",
        "stock", "today", "unsafe", "view",
    )  # fmt: skip

    def __init__(
        self, view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, today: str
    ) -> None:
        self.view, self.catalogue, self.question, self.evidence = view, catalogue, question, evidence
        self.circumstances = given = question.circumstances
        self.today = today
        self.on = question.on or today
        self.day = day = day_of(view, catalogue, self.on, today)
        self.stock = stock = day.stock
        self.in_force = day.in_force
        self.immediate = question.urgency == "immediate-danger"
        self.routine = question.urgency == "routine"

        self.provider = provider = day.body(question.provider)
        self.recipient = recipient = day.nobody if self.immediate else _recipient(day, question)
        self.matter = matter = day.matter(question.purpose)
        self.standpoint = standpoint = matter.standpoint(provider)
        self.purpose, self.row = matter.purpose, standpoint.row
        self.public, self.non_public = standpoint.public, standpoint.non_public
        self.health, self.competent = standpoint.health, standpoint.competent
        self.sending, self.receiving = provider.footing(matter), recipient.footing(matter)
        self.covered = matter.covered(self.sending.stand, self.receiving.stand)

        self.features = features = stock.features_of(question.categories) | of_subjects(question.subjects)
        self.child_link = self._child_link()
        self.unsafe = given.informing_increases_risk is True or given.para18_reason == "would-prejudice"
        self.law_enforcement = standpoint.competent and self._law_enforcement()
        claimed = given.anonymised
        referenced = evidence.references or features & REFERENCED
        self.not_anonymous = claimed is True and bool(referenced or features & IDENTIFYING)
        self.anonymised = False if self.not_anonymous else claimed
        self._consent()
        self.has_basis = self._has_basis()

    def _child_link(self) -> bool | None:
        if self.features & CHILD:
            return True
        if self.circumstances.relates_to_child is not None:
            return self.circumstances.relates_to_child
        return True if not self.question.subjects else None

    def _law_enforcement(self) -> bool:
        """DPA 2018 Part 3 governs: a competent authority, for a law enforcement purpose (s.31)."""
        stated = self.circumstances.law_enforcement_purpose
        return stated is not False if self.question.purpose in LAW_ENFORCEMENT_PURPOSES else stated is True

    def _consent(self) -> None:
        given = self.circumstances
        self.consent, self.agreement = stated(given.consent), stated(given.agreement_to_service)
        if self.evidence.consents:
            self.agreement, self.consent = self.standings(tuple(range(len(self.question.subjects))))
        self.consent_unread = self.evidence.consent_register == "unavailable"
        # Somebody said no, or took a yes back.
        self.refusal = self.consent.refused or self.agreement.refused
        self.family_choice = (
            self.non_public
            and self.question.purpose == "early-help"
            and given.para18_reason is None
            and not self.unsafe
        )

    def _has_basis(self) -> bool:
        """Whether the matrix gives the provider a basis for the purpose that is in force on the date."""
        if self.law_enforcement:
            return bool(self.standpoint.part_3)
        chosen = self.family_choice and (self.routine or self.consent.given)
        return bool(self.standpoint.article_6 if chosen else self.standpoint.unchosen)

    def danger_row(self) -> MatrixRow | None:
        """What the provider relies on when somebody is in immediate danger."""
        return self.standpoint.danger_row

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
        given = self.circumstances
        return (
            standing(given.agreement_to_service, self.evidence, "agreement-to-service", who),
            standing(given.consent, self.evidence, "the-basis", who),
        )

    def own_record(self) -> Recorded | None:
        """The provider's lawful-basis record; None where no agreement speaks of the purpose, so that none is looked
        for."""
        if self.provider.organisation is None or not self.matter.spoken_of:
            return None
        return self.sending.recorded

    def their_record(self) -> Recorded | None:
        """The recipient's; None where it signed no agreement that speaks of the purpose."""
        return self.receiving.recorded if self.receiving.stand.any else None

    @property
    def parent_suspected(self) -> bool:
        """A parent or carer is among the people concerned as a suspect or convicted."""
        return self.features & PARENT_SUSPECTED != 0

    @property
    def coverages(self) -> list[Coverage]:
        """Every agreement version that speaks of the purpose, the one that fits best first."""
        return self.matter.coverages(self.sending.stand, self.receiving.stand)


def _recipient(day: Day, question: Question) -> Party:
    asked = question.recipient
    return day.of_kind(asked.kind) if isinstance(asked, RecipientKind) else day.body(asked)
