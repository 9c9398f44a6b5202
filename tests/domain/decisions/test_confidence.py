"""What an answer says of law that nobody has checked: once, calmly, never in danger, and never what it decides."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import LOGGED_AT, Demonstration, catalogue
from domain.decisions.test_properties import LAW, VIEW, listed, questions, records, row_of
from isa_registry.domain.answers import Answer, Guidance
from isa_registry.domain.decisions import decide
from isa_registry.domain.guidance import OF_CONFIDENCE
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.verifying import Point
from marking import POINTS, S16LA, verified, withdrawn

ENQUIRY = question(COUNCIL, POLICE, "child-protection-enquiry", "identity social-care", would_help_recipient=True)
FRIGHTENING = (
    "unlawful illegal penalt warning caution must liab wrong unreliable breach danger prosecut sanction fine forbid"
)
ROW = Point(organisation_kind="local-authority", purpose="child-protection-enquiry")


def answered(view: RegisterView, asked: Question = ENQUIRY, evidence: Evidence | None = None) -> Answer:
    law = view.catalogue()
    assert law is not None
    return decide(view, law, asked, evidence or Evidence(), today=TODAY)


def said(answer: Answer) -> list[Guidance]:
    return [item for item in answer.guidance if item.code in OF_CONFIDENCE]


def named(answer: Answer) -> dict[str, None]:
    """The provisions in an answer's basis and in its reasons, each once."""
    cited = (cite for reason in answer.reasons for cite in reason.cites if "#" not in cite)
    return dict.fromkeys((*listed(answer), *cited))


def marked(*points: Point) -> RegisterView:
    return Demonstration().then(*(verified(point) for point in points)).view()


@cache
def all_marked() -> RegisterView:
    return marked(*POINTS)


def test_an_answer_says_how_much_of_its_law_is_checked_and_cites_what_is_not() -> None:
    answer = answered(marked())
    [item] = said(answer)
    relied = named(answer)
    unchecked = tuple(code for code in relied if not catalogue().provisions[code].verified)

    assert "law-not-yet-checked" == item.code
    assert unchecked == item.cites
    assert "ca-2004-s16la" in unchecked
    assert f"checked {len(relied) - len(unchecked)} of the {len(relied)} provisions" in item.text


def test_a_provision_that_only_a_reason_gives_is_counted_and_cited_too() -> None:
    """A charity told that all is checked was told beside it of a duty that nobody has checked."""
    [item] = said(answered(marked(), question("harbour", COUNCIL, "early-help", consent="refused")))

    assert ("law-not-yet-checked", ("ca-2004-s16la",)) == (item.code, item.cites)
    assert "checked 1 of the 2 provisions" in item.text


def test_law_that_stands_in_reasons_alone_says_so() -> None:
    [item] = said(answered(marked(), question("home-office", COUNCIL, "early-help", restriction="court-papers")))
    assert {"aja-1960-s12", "ca-1989-s97", "fpr-2010-r12-73", "fpr-2010-pd12g"} >= set(item.cites) != set()


def test_it_says_so_last_and_in_words_that_keep_nobody_waiting() -> None:
    item = answered(marked()).guidance[-1]

    assert item.code in OF_CONFIDENCE
    assert "no reason to wait where a child may be at risk" in item.text


def test_no_words_about_confidence_frighten_anybody() -> None:
    told = [item for item in catalogue().guidance.values() if item.when in OF_CONFIDENCE]
    assert 2 == len(told)
    for item in told:
        words = f"{item.title} {item.text}".lower()
        for word in FRIGHTENING.split():
            assert word not in words, (item.code, word)
        assert "risk of" not in words
        assert "do not" not in words


def test_where_every_provision_is_checked_the_row_that_chose_them_is_named() -> None:
    provisions = [point for point in POINTS if point.provision is not None]
    [item] = said(answered(marked(*provisions)))

    assert ("choice-not-yet-checked", ()) == (item.code, item.cites)


def test_where_everything_is_checked_nothing_is_said() -> None:
    assert [] == said(answered(all_marked()))


def test_in_immediate_danger_nothing_is_said() -> None:
    assert () == answered(marked(), replace(ENQUIRY, urgency="immediate-danger")).guidance


def test_an_answer_that_rests_on_no_law_says_nothing() -> None:
    nobody = question(COUNCIL, POLICE, "quality-assurance", "education", None, anonymised=True)
    assert [] == said(answered(marked(), nobody))


def test_a_duty_that_somebody_checked_is_in_force_and_stands_alone() -> None:
    before, after = answered(marked()), answered(marked(S16LA))
    assert before.duty is not None
    assert after.duty is not None

    assert (False, True) == (before.duty.verified, after.duty.verified)
    assert (("art6-1-c", "art6-1-e"), ("art6-1-c",)) == (before.basis.article_6, after.basis.article_6)
    assert "reported in force" in before.reasons[0].text
    assert "reported" not in after.reasons[0].text


def test_a_mark_taken_away_is_as_if_it_had_never_been() -> None:
    taken = Demonstration().then(verified(S16LA), verified(ROW), withdrawn(S16LA), withdrawn(ROW)).view()
    assert answered(marked()) == answered(taken)


def test_a_catalogue_of_before_says_nothing_of_confidence() -> None:
    older = replace(LAW, guidance={code: one for code, one in LAW.guidance.items() if one.when not in OF_CONFIDENCE})
    assert [] == said(decide(marked(), older, ENQUIRY, Evidence(), today=TODAY))


some_points = st.lists(st.sampled_from(POINTS), max_size=12, unique=True)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(questions, records, some_points, st.booleans())
def test_marks_change_no_outcome_no_condition_and_nothing_that_is_missing(
    asked: Question, evidence: Evidence, points: list[Point], engaged: bool
) -> None:
    register = _with_marks(tuple(sorted({*points, S16LA} if engaged else points, key=lambda one: one.key)))
    before, after = answered(VIEW, asked, evidence), answered(register, asked, evidence)

    for member in ("outcome", "headline", "conditions", "missing", "consent", "inform", "agreements", "categories",
                   "advice", "regime", "to_record"):  # fmt: skip
        assert getattr(before, member) == getattr(after, member), member
    assert [one.code for one in before.reasons] == [one.code for one in after.reasons]
    assert [one for one in before.guidance if one.code not in OF_CONFIDENCE] == [
        one for one in after.guidance if one.code not in OF_CONFIDENCE
    ]


def _with_marks(points: tuple[Point, ...]) -> RegisterView:
    """The register of the properties with these points checked, without folding all of it anew."""
    register, size = VIEW._register, VIEW.size
    register.forget_from(size)
    for place, point in enumerate(points):
        apply(register, size + place, LOGGED_AT, verified(point))
    return register.at(size + len(points))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(questions, records)
def test_it_is_said_once_exactly_where_something_relied_on_is_not_checked(asked: Question, evidence: Evidence) -> None:
    """Written out again here, from the answer and the catalogue's files alone."""
    answer = answered(VIEW, asked, evidence)
    duty = answer.duty.provision if answer.duty is not None and answer.duty.engaged else None
    relied = {*listed(answer), *([] if duty is None else [duty])}
    says = "immediate-danger" != asked.urgency and "none" != answer.regime
    unchecked = {code for code in {*relied, *named(answer)} if not LAW.provisions[code].verified}
    chosen = bool(relied) and row_of(asked.provider) is not None

    assert (1 if says and (unchecked or chosen) else 0) == len(said(answer))
    for item in said(answer):
        assert unchecked == set(item.cites)
