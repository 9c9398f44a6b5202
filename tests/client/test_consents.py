"""Consent records from the client: the published members, nothing that identifies anybody, and safe to repeat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from client.scripted import Says, Scripted, scripted
from client.stand_in import StandIn
from client.test_references import KEY
from client.test_two_faces import Caller
from isa_client.consents import Consent, Recorder, Said, Standing, Statement, Withdrawal
from isa_client.errors import InputError, UnreachableError
from isa_client.receipts import parse_keys
from isa_client.references import subject_reference
from isa_verify.errors import VerificationError

CONSENT_ID = "cns_" + "0" * 32
REF = subject_reference(KEY, "local-child-77")
STANDS = {"id": CONSENT_ID, "status": "given"}
SAID = Said(
    standing=Standing("parental-responsibility", "parental-responsibility-evidenced", "DOC-1"),
    childs_view="agrees",
    explicit=True,
    statement=Statement("ST-1", "2", "cy"),
    method="in-person",
    evidence="EV-1",
    recorded_by=Recorder("social-worker", "SW-1"),
    review_on="2027-05-01",
)
CONSENT = Consent(
    answer="given",
    kind="child",
    ref=REF,
    role="the-basis",
    purposes=["early-help"],
    recipients=["harbour", {"kind": "faith"}],
    categories=["identity", "health"],
    said=SAID,
)
WITHDRAWAL = Withdrawal(by="parental-responsibility", method="telephone", recorded_by=Recorder("social-worker", "SW-1"))
SAID_DOCUMENT = {
    "standing": {
        "by": "parental-responsibility", "shown_by": "parental-responsibility-evidenced", "evidence": "DOC-1",
    },
    "childs_view": "agrees",
    "explicit": True,
    "statement": {"id": "ST-1", "version": "2", "language": "cy"},
    "method": "in-person",
    "evidence": "EV-1",
    "recorded_by": {"role": "social-worker", "ref": "SW-1"},
    "review_on": "2027-05-01",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as state:
        state.script = [Says(201, STANDS)]
        yield state


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def call(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


WRITES: dict[str, tuple[str, tuple[Any, ...], str, dict[str, object]]] = {
    "an answer": (
        "record_consent", (CONSENT,), "/api/v1/consents", {
            "answer": "given", "subject": {"kind": "child", "ref": REF}, "role": "the-basis",
            "scope": {
                "purposes": ["early-help"], "recipients": ["harbour", {"kind": "faith"}],
                "categories": ["identity", "health"],
            },
            **SAID_DOCUMENT,
        },
    ),
    "a renewal": ("renew_consent", (CONSENT_ID, SAID), f"/api/v1/consents/{CONSENT_ID}/renewal", SAID_DOCUMENT),
    "a withdrawal": (
        "withdraw_consent", (CONSENT_ID, WITHDRAWAL), f"/api/v1/consents/{CONSENT_ID}/withdrawal", {
            "by": "parental-responsibility", "method": "telephone",
            "recorded_by": {"role": "social-worker", "ref": "SW-1"},
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_what_is_recorded_has_the_published_members_and_no_more(server: Scripted, call: Caller, name: str) -> None:
    method, arguments, path, document = WRITES[name]
    assert call(server.url, method, *arguments) == STANDS
    assert (server.heard[0].path, json.loads(server.heard[0].body)) == (path, document)


@pytest.mark.parametrize("name", WRITES)
def test_a_repeat_is_the_same_request_only_under_the_same_key(server: Scripted, call: Caller, name: str) -> None:
    method, arguments, _, _ = WRITES[name]
    for key in ("request-1", "request-1", None, None):
        call(server.url, method, *arguments, key)
    keys = [heard.headers["idempotency-key"] for heard in server.heard]
    assert keys[:2] == ['"request-1"'] * 2
    assert len(set(keys)) == 3


def test_people_are_looked_for_in_the_body_and_never_in_an_address(server: Scripted, call: Caller) -> None:
    server.script = [Says(200, {"consents": [STANDS]})]
    assert call(server.url, "find_consents", [REF], purpose="early-help", status=["given"]) == [STANDS]
    assert server.heard[0].path == "/api/v1/consents/search"
    assert json.loads(server.heard[0].body) == {"references": [REF], "purpose": "early-help", "status": ["given"]}


def test_one_is_read_with_its_receipt_for_the_family(server: Scripted, call: Caller) -> None:
    server.script = [Says(200, STANDS), Says(200, {"@context": "x"}, media_type="application/ld+json")]
    assert call(server.url, "consent", CONSENT_ID) == STANDS
    assert call(server.url, "consent_receipt", CONSENT_ID) == b'{"@context": "x"}'
    assert server.heard[1].headers["accept"].startswith("application/ld+json")


def test_the_proof_of_its_last_entry_is_believed_for_this_consent_alone(server: Scripted, call: Caller) -> None:
    log = StandIn()
    keys = parse_keys([log.vkey])
    server.script = [Says(200, log.receipt_of({"kind": "consent.withdrawn", "consent": CONSENT_ID}))]
    assert call(server.url, "prove_consent", CONSENT_ID, keys).verified.kind == "consent.withdrawn"
    assert server.heard[0].path.endswith("/receipt?part=proof")
    server.script = [Says(200, log.receipt_of({"kind": "consent.withdrawn", "consent": "cns_" + "1" * 32}))]
    with pytest.raises(VerificationError, match="another-record"):
        call(server.url, "prove_consent", CONSENT_ID, keys)


@pytest.mark.parametrize("document", [{}, {"id": CONSENT_ID}, {"id": 7, "status": "given"}, []], ids=repr)
def test_an_answer_that_does_not_say_how_it_stands_is_no_answer(
    server: Scripted, call: Caller, document: object
) -> None:
    server.script = [Says(200, document)]
    with pytest.raises(UnreachableError):
        call(server.url, "withdraw_consent", CONSENT_ID, WITHDRAWAL)


@pytest.mark.parametrize("consents", [None, {}, [7], "x"], ids=repr)
def test_an_answer_that_is_no_list_is_no_answer(server: Scripted, call: Caller, consents: object) -> None:
    server.script = [Says(200, {"consents": consents})]
    with pytest.raises(UnreachableError):
        call(server.url, "find_consents", [REF])


NHS = "943 476 5919"
BAD: dict[str, Consent | Said | Withdrawal] = {
    "answer": replace(CONSENT, answer="perhaps"),
    "kind": replace(CONSENT, kind="A Child"),
    "reference": replace(CONSENT, ref=NHS),
    "role": replace(CONSENT, role=""),
    "no purpose": replace(CONSENT, purposes=[]),
    "purpose": replace(CONSENT, purposes=["Early help"]),
    "no recipient": replace(CONSENT, recipients=[]),
    "no category": replace(CONSENT, categories=[]),
    "too many categories": replace(CONSENT, categories=[f"c{number}" for number in range(31)]),
    "category": replace(CONSENT, categories=["his name"]),
    "who answered": replace(SAID, standing=replace(SAID.standing, by="Mother")),
    "what shows it": replace(SAID, standing=replace(SAID.standing, shown_by="she said so")),
    "the evidence of standing": replace(SAID, standing=replace(SAID.standing, evidence=NHS)),
    "the child's view": replace(SAID, childs_view="he is fine"),
    "the statement": replace(SAID, statement=replace(SAID.statement, ref=NHS)),
    "method": replace(SAID, method="by phone"),
    "evidence": replace(SAID, evidence="jo1@example.org"),
    "who wrote it": replace(SAID, recorded_by=Recorder("social-worker", "jo.bloggs@example.org")),
    "their role": replace(SAID, recorded_by=Recorder("Social worker", "SW-1")),
    "when": replace(SAID, answered_at="yesterday"),
    "until when": replace(SAID, review_on="2027-02-30"),
    "what age": replace(SAID, age_transition_on="16"),
    "who withdrew": replace(WITHDRAWAL, by="Mother"),
    "how": replace(WITHDRAWAL, method=""),
    "when it was withdrawn": replace(WITHDRAWAL, answered_at="2026-11-27"),
    "the evidence of it": replace(WITHDRAWAL, evidence=NHS),
}


@pytest.mark.parametrize("name", BAD)
def test_what_the_registry_would_refuse_or_what_identifies_somebody_is_never_sent(name: str) -> None:
    with pytest.raises(InputError) as caught:
        BAD[name].document()
    assert [shown for shown in (NHS, "bloggs", "Mother", "his name") if shown in str(caught.value)] == []


@pytest.mark.parametrize(
    ("method", "arguments", "named"),
    [
        ("consent", ("../checks",), {}),
        ("consent", ("cns_1",), {}),
        ("consent_receipt", ("chk_" + "0" * 32,), {}),
        ("prove_consent", ("x", []), {}),
        ("withdraw_consent", ("x", WITHDRAWAL), {}),
        ("renew_consent", ("x", SAID), {}),
        ("record_consent", (CONSENT, "short"), {}),
        ("record_consent", (CONSENT, 'quo"ted-key'), {}),
        ("find_consents", ([],), {}),
        ("find_consents", ([REF] * 51,), {}),
        ("find_consents", ([NHS],), {}),
        ("find_consents", ([REF],), {"name": "x"}),
        ("find_consents", ([REF],), {"status": {1}}),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_sent(
    server: Scripted, call: Caller, method: str, arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(InputError) as caught:
        call(server.url, method, *arguments, **named)
    assert (server.heard, NHS in str(caught.value)) == ([], False)
