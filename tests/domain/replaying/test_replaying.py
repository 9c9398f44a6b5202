"""What becomes of a recorded check when it is answered again: the four verdicts, two engines, and today."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from asking import COUNCIL, POLICE, TODAY, question
from demonstration import Demonstration, catalogue, published
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.answers import Answer, RegisterSeen
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions import ENGINE_VERSION, decide
from isa_registry.domain.entries import CheckAnswered, decode_payload, encode_payload, kind_of
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.replaying import ENGINES, Engines, Lacking, against_today, erased_by, lacks, replay
from isa_registry.domain.replaying.replaying import ALARM
from isa_registry.domain.rested_on import named_in_checks
from isa_verify.encoding import encode_base64

ROOT = bytes(range(32))
AT = f"{TODAY}T09:00:00.000Z"
ASKED = question(POLICE, COUNCIL, "harm-outside-the-home", "identity intelligence", would_help_recipient=True)
LAW = f"sha256:{catalogue().sha256}"


def plainer(view: RegisterView, catalogue: Catalogue, question: Question, evidence: Evidence, *, today: str) -> Answer:
    """Another engine: it gives no guidance, and another headline."""
    answer = decide(view, catalogue, question, evidence, today=today)
    return replace(answer, headline="You may.", guidance=())


TWO = Engines(ENGINE_VERSION, {ENGINE_VERSION: decide, "plainer": plainer})


def recorded(
    register: Demonstration, engine: str = ENGINE_VERSION, asked: Question = ASKED, **seen: Any
) -> CheckAnswered:
    """A check as its record is read back from the log, decided by that engine."""
    view = register.view()
    answer = TWO.kept[engine](view, catalogue(), asked, Evidence(), today=TODAY)
    register_seen = RegisterSeen(log_size=view.size, root=encode_base64(ROOT), catalogue=LAW, engine=engine)
    made = CheckAnswered(
        check="chk_" + "0" * 32,
        organisation=POLICE,
        client="police-system",
        decided_at=AT,
        question=asked,
        evidence=Evidence(),
        register=replace(register_seen, **seen),
        answer=answer,
    )
    read = decode_payload(encode_payload(made))
    assert isinstance(read, CheckAnswered)
    return read


@pytest.fixture
def register() -> Demonstration:
    return Demonstration()


@pytest.mark.parametrize("explain", [False, True])
def test_a_check_comes_out_as_it_was_whatever_the_register_has_become(register: Demonstration, explain: bool) -> None:
    made = recorded(register, asked=replace(ASKED, explain=explain))
    then = register.size
    register.then(AgreementWithdrawn(agreement="tier-2-hoth", version="1.0", on="2026-11-01", reason="superseded"))

    found = replay(made, register.size, register.register.at(then), root=ROOT)
    assert ("identical", (), "") == (found.verdict, found.differences, found.why)
    assert found.again is not None
    assert msgspec.json.encode(found.again.answer) == msgspec.json.encode(made.answer)


@pytest.mark.parametrize("engine", sorted(TWO.kept))
def test_checks_of_either_engine_come_out_identical_while_both_are_kept(register: Demonstration, engine: str) -> None:
    made = recorded(register, engine)
    found = replay(made, register.size, register.view(), root=ROOT, engines=TWO)
    assert "identical" == found.verdict
    assert found.again is not None
    assert engine == found.again.register.engine


def test_once_an_engine_is_dropped_the_difference_to_the_one_that_answers_now_is_told(register: Demonstration) -> None:
    made = recorded(register, "plainer")
    found = replay(made, register.size, register.view(), root=ROOT, engines=ENGINES)
    assert "engine-changed" == found.verdict
    assert "version plainer" in found.why
    told = {one.pointer: (one.was, one.now) for one in found.differences if one.change == "changed"}
    answer = recorded(register).answer
    assert told == {"/headline": ("You may.", answer.headline), "/register/engine": ("plainer", ENGINE_VERSION)}
    added = [one for one in found.differences if one.change == "added"]
    assert [one.now["code"] for one in added] == [one.code for one in answer.guidance]
    assert "identical" == replay(recorded(register), register.size, register.view(), root=ROOT).verdict


def test_an_engine_that_answers_as_the_dropped_one_did_is_still_another(register: Demonstration) -> None:
    made = recorded(register, ENGINE_VERSION)
    found = replay(made, register.size, register.view(), root=ROOT, engines=Engines("next", {"next": decide}))
    assert ["/register/engine"] == [one.pointer for one in found.differences]
    assert "engine-changed" == found.verdict


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"root": encode_base64(bytes(32))}, "/register/root"),
        ({"catalogue": "sha256:" + "0" * 64}, "/register/catalogue"),
    ],
)
def test_a_record_that_names_what_was_not_there_is_different(
    register: Demonstration, change: dict[str, Any], pointer: str
) -> None:
    found = replay(recorded(register, **change), register.size, register.view(), root=ROOT)
    assert ("different", [pointer], ALARM) == (found.verdict, [one.pointer for one in found.differences], found.why)


def test_an_answer_that_the_engine_does_not_give_is_different(register: Demonstration) -> None:
    made = recorded(register)
    forged = replace(made, answer=replace(made.answer, outcome="do-not-share"))
    (told,) = replay(forged, register.size, register.view(), root=ROOT).differences
    assert ("changed", "/outcome", "do-not-share") == (told.change, told.pointer, told.was)


def test_a_register_later_than_the_record_is_not_taken(register: Demonstration) -> None:
    made = recorded(register)
    found = replay(made, register.size - 1, register.view(), root=ROOT)
    assert ("not-replayable", register.size - 1) == (found.verdict, found.needs)
    assert "later than itself" in found.why


def test_without_the_law_nothing_is_answered(register: Demonstration) -> None:
    found = replay(recorded(register, log_size=1), 5, register.register.at(1), root=None)
    assert ("not-replayable", None) == (found.verdict, found.needs)
    assert "catalogue of the law" in found.why


def test_what_was_erased_is_named(register: Demonstration) -> None:
    found = lacks(recorded(register), register.size, Lacking(7, erased_by(400)))
    assert ("not-replayable", 7) == (found.verdict, found.needs)
    assert "entry 7, which the register of then may need, was erased by entry 400" == found.why


def test_an_engine_that_no_longer_takes_the_question_says_so(register: Demonstration) -> None:
    asked = replace(ASKED, purpose="a-purpose-of-old")
    made = replace(recorded(register, "plainer"), question=asked)
    found = replay(made, register.size, register.view(), root=ROOT)
    assert ("engine-changed", None, ()) == (found.verdict, found.again, found.differences)
    assert "does not take the question" in found.why


def test_against_today_the_register_the_law_and_the_day_are_those_of_now(register: Demonstration) -> None:
    made = recorded(register)
    register.then(AgreementWithdrawn(agreement="tier-2-hoth", version="1.0", on="2026-11-30", reason="superseded"))

    found = against_today(made, register.view(), root=bytes(32), today="2026-12-01")
    assert found.again is not None
    assert found.again.answer == decide(register.view(), catalogue(), ASKED, Evidence(), today="2026-12-01")
    assert "/agreements/0" in [one.pointer for one in found.differences if one.change == "removed"]
    before = against_today(made, register.view(), root=bytes(32), today="2026-11-29")
    assert {"/register/log_size", "/register/root"} == {one.pointer for one in before.differences}


def test_against_today_a_question_of_codes_that_are_gone_is_not_asked(register: Demonstration) -> None:
    made = replace(recorded(register), question=replace(ASKED, purpose="a-purpose-of-old"))
    found = against_today(made, register.view(), root=bytes(32), today=TODAY)
    assert (found.again, found.differences) == (None, ())
    assert "no longer has a code" in found.why


def test_whoever_was_named_by_a_reference_is_not_anonymous_when_it_is_answered_again(register: Demonstration) -> None:
    """The references are not in the record; that there were some is."""
    asked = question(POLICE, COUNCIL, "quality-assurance", "education", anonymised=True)
    named = replace(asked, subjects=tuple(replace(one, ref="s1_" + "A" * 43) for one in asked.subjects))
    view = register.view()
    first = decide(view, catalogue(), named, Evidence(references=True), today=TODAY)
    again = decide(view, catalogue(), asked, Evidence(references=True), today=TODAY)
    assert first == again
    assert "not-anonymous" in [reason.code for reason in again.reasons]
    assert "not-anonymous" not in [r.code for r in decide(view, catalogue(), asked, Evidence(), today=TODAY).reasons]


def test_a_check_names_the_law_and_the_words_that_it_rests_on_as_an_erasure_looks_for_them(
    register: Demonstration,
) -> None:
    made = encode_payload(recorded(register, asked=question(POLICE, COUNCIL, "harm-outside-the-home")))
    names = {kind_of(one): named_in_checks(one) for one in register.entries}
    assert {kind for kind, name in names.items() if name is not None} == {"catalogue.changed", "agreement.published"}
    for one in (*register.entries, published("tier-2-hoth")):
        name = named_in_checks(one)
        if name is not None and one != published("tier-1"):
            assert name in made
