"""The page that a family takes home: short words, nothing of anybody's system, no child's view for others to read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from demonstration import demonstration_view
from isa_registry.domain.agreement_lint.prose import file_lines
from isa_registry.domain.agreement_lint.reading_age import reading_age
from isa_registry.domain.consent_entries import (
    ConsentGiven,
    ConsentInvalidated,
    ConsentRecorder,
    ConsentRefused,
    ConsentRenewed,
    ConsentScope,
    ConsentStanding,
    ConsentStatement,
    ConsentSubject,
    ConsentWithdrawn,
)
from isa_registry.domain.consents.codes import CHILD_ITSELF, CHILD_KINDS, STANDINGS
from isa_registry.domain.consents.states import ConsentState, Entry, fold
from isa_registry.domain.questions import RecipientKind
from isa_registry.pages import consent_family_words as words_of
from isa_registry.pages.consents_family import FamilyPage, childs_page, family_page, may_be_a_childs
from live import LEAD, POLICE

VIEW = demonstration_view()
LAW = VIEW.catalogue()
assert LAW is not None
ADULTS_AGE, CHILDS_AGE = 12.0, 10.0
TODAY = "2026-11-27"
SECRETS = ("s1_" + "A" * 43, "STATEMENT-77", "EVIDENCE-88", "ASSESS-99", "STAFF-66", "durham-system")
CODED = [(by, kind) for by, one in STANDINGS.items() for kind in sorted(one.subjects)]


def consent(
    by: str = "parental-responsibility",
    kind: str = "child",
    *,
    answer: type[ConsentGiven] | type[ConsentRefused] = ConsentGiven,
    view: str = "objects",
    then: tuple[Any, ...] = (),
    **changed: Any,
) -> ConsentState:
    assert LAW is not None
    subject, statement, evidence, assessment, staff, client = SECRETS
    first = answer(
        **{
            "consent": "cns_1",
            "organisation": LEAD,
            "client": client,
            "subject": ConsentSubject(kind, subject),
            "role": "the-basis",
            "scope": ConsentScope(tuple(LAW.purposes), (POLICE, RecipientKind("gp-practice")), tuple(LAW.categories)),
            "standing": ConsentStanding(by, "gillick-assessed", assessment),
            "childs_view": view,
            "explicit": True,
            "statement": ConsentStatement(statement, "1", "pl"),
            "method": "in-person",
            "evidence": evidence,
            "answered_at": "2026-06-01T23:30:00.000Z",
            "recorded_by": ConsentRecorder("nurse", staff),
            "review_on": None if answer is ConsentRefused else "2027-06-01",
            **changed,
        }
    )
    entries = [Entry(place, "2026-06-02T10:00:00.000Z", one) for place, one in enumerate((first, *then))]
    return fold(entries)[0]


def said_later(kind: type[Any], **more: Any) -> Any:
    return kind(
        consent="cns_1", organisation=LEAD, client=SECRETS[-1], recorded_by=ConsentRecorder("nurse", SECRETS[4]), **more
    )


def age_of(page: FamilyPage) -> float:
    age = reading_age(file_lines(page.text()))
    assert age is not None
    return age


@pytest.mark.parametrize(("by", "kind"), CODED)
@pytest.mark.parametrize("answer", [ConsentGiven, ConsentRefused])
def test_its_words_are_for_a_parent_who_is_tired_and_for_a_child_of_nine(
    by: str, kind: str, answer: type[ConsentGiven] | type[ConsentRefused]
) -> None:
    held = consent(by, kind, answer=answer)
    assert age_of(family_page(held, VIEW, TODAY)) <= ADULTS_AGE
    if may_be_a_childs(held):
        assert age_of(childs_page(held, VIEW, TODAY)) <= CHILDS_AGE


def test_every_code_of_the_law_has_words_of_both_sorts() -> None:
    assert LAW is not None
    assert set(words_of.PURPOSES_PLAIN) == set(words_of.PURPOSES_FOR_A_CHILD) == set(LAW.purposes)
    assert set(words_of.CATEGORIES_PLAIN) == set(LAW.categories)
    assert set(words_of.CATEGORIES_FOR_A_CHILD) == set(LAW.categories)
    assert set(words_of.ABOUT) == set(STANDINGS)
    assert set(words_of.SAID_FOR_A_CHILD) == {by for by, one in STANDINGS.items() if one.subjects & CHILD_KINDS}
    for words in (words_of.PURPOSES_FOR_A_CHILD, words_of.CATEGORIES_FOR_A_CHILD):
        for one in words.values():
            assert len(one.split()) <= 14, one


@pytest.mark.parametrize(("by", "kind"), CODED)
def test_it_holds_nothing_of_anybodys_own_system(by: str, kind: str) -> None:
    held = consent(by, kind)
    for page in (family_page(held, VIEW, TODAY), childs_page(held, VIEW, TODAY)):
        for secret in SECRETS:
            assert secret not in page.text() + page.title


def test_what_a_child_thinks_is_on_its_own_page_and_on_no_other() -> None:
    agrees, objects, unasked = (consent(view=view) for view in ("agrees", "objects", "not-safe-to-seek"))
    pages = {family_page(one, VIEW, TODAY).text() for one in (agrees, objects, unasked)}
    assert len(pages) == 1, "the page for whoever answered tells apart what the child said"
    own = {view: childs_page(consent(view=view), VIEW, TODAY).text() for view in ("agrees", "objects", "not-sought")}
    assert "You said that is fine by you." in own["agrees"]
    assert "You said you do not want this." in own["objects"]
    assert "You said" not in own["not-sought"]
    itself = childs_page(consent(CHILD_ITSELF, view="agrees"), VIEW, TODAY)
    assert itself.lead[0] == "You said yes on 2 June 2026."


def test_it_says_how_to_change_ones_mind_and_how_to_complain_whatever_was_said() -> None:
    for held in (consent(), consent(answer=ConsentRefused)):
        grown, child = (page(held, VIEW, TODAY).text() for page in (family_page, childs_page))
        for said in ("change your mind", "give no reason", "0303 123 1113", "30 days", "may have to share"):
            assert said in grown, said
        for said in ("change your mind", "do not have to say why", "0800 1111", "999", "may have to tell"):
            assert said in child, said


def test_what_became_of_it_is_said_on_both_pages() -> None:
    back = said_later(
        ConsentWithdrawn, by="parental-responsibility", method="telephone", answered_at="2026-07-01T10:00:00.000Z"
    )
    void = said_later(ConsentInvalidated, reason="wrong-person", found_at="2026-07-01T10:00:00.000Z")
    first = consent().answer
    again = said_later(
        ConsentRenewed,
        standing=first.standing,
        childs_view="agrees",
        explicit=True,
        statement=first.statement,
        method="in-person",
        evidence="EVIDENCE-2",
        answered_at="2026-08-01T10:00:00.000Z",
        review_on="2027-08-01",
    )
    for held, says in (
        (consent(then=(back,)), "taken back"),
        (consent(then=(void,)), "does not count"),
        (consent(review_on="2026-06-30"), "run out"),
        (consent(then=(again,)), "said again on 1 August 2026"),
        (consent(role="agreement-to-service"), "This is about the help"),
    ):
        for page in (family_page, childs_page):
            text = page(held, VIEW, TODAY).text()
            assert says in text
            assert ("1 August 2027" in text) == (held.state == "given" and len(held.entries) == 2)
    assert not re.search(r"\d{4}", "".join(part.heading for part in family_page(consent(), VIEW, TODAY).parts))


def test_a_page_for_a_child_is_of_a_child_who_is_born() -> None:
    kinds = {kind for _, kind in CODED}
    assert {kind for kind in kinds if may_be_a_childs(consent(kind=kind))} == CHILD_KINDS
