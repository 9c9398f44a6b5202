"""Receipts are believed once they are verified, and only for the very document that was meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from client.scripted import EVENT, Says, Scripted, compact, scripted
from client.stand_in import CHECK_ID, ORIGIN, StandIn
from client.test_two_faces import Caller
from isa_client.documents import EVENT_TYPE
from isa_client.errors import InputError, ProblemError, UnreachableError
from isa_client.receipts import parse_keys, verify
from isa_verify import note
from isa_verify.errors import VerificationError

DOCUMENT = compact(EVENT_TYPE, id=EVENT)
ACKNOWLEDGEMENT = compact(event=EVENT)
RECORDED = {"kind": "sharing-event.recorded", "jws": DOCUMENT}
ACKNOWLEDGED = {"kind": "sharing-event.acknowledged", "provider": "p", "jws": ACKNOWLEDGEMENT}
CHECK = {"kind": "check.answered", "check": CHECK_ID}
LOG = StandIn()
KEYS = parse_keys([LOG.vkey])
_OTHER = Ed25519PrivateKey.from_private_bytes(b"\x08" * 32).public_key().public_bytes_raw()
OTHER_KEYS = parse_keys([note.vkey_of(ORIGIN, note.ED25519, _OTHER)])


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as state:
        yield state


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def call(request: pytest.FixtureRequest) -> Caller:
    return Caller(request.param)


MEANT: dict[str, tuple[str, str, dict[str, object]]] = {
    "an event": ("prove_event", DOCUMENT, RECORDED),
    "an acknowledgement": ("prove_acknowledgement", ACKNOWLEDGEMENT, ACKNOWLEDGED),
    "a check": ("prove_check", CHECK_ID, CHECK),
}


@pytest.mark.parametrize("name", MEANT)
def test_what_holds_is_given_with_what_it_proves(server: Scripted, call: Caller, name: str) -> None:
    method, meant, payload = MEANT[name]
    content = LOG.receipt_of(payload)
    server.script = [Says(200, content)]
    receipt = call(server.url, method, meant, KEYS)
    assert (receipt.content, receipt.verified.payload, receipt.verified.index) == (content, payload, 0)


OTHERS: dict[str, tuple[str, str, dict[str, object], str]] = {
    "another event": ("prove_event", DOCUMENT, {**RECORDED, "jws": compact(EVENT_TYPE, id="x")}, "another-record"),
    "another document under the id": (
        "prove_event", DOCUMENT, {**RECORDED, "jws": compact(EVENT_TYPE, id=EVENT, purpose="x")}, "another-document",
    ),
    "the list for the event": (
        "prove_event", DOCUMENT, {"kind": "sharing-event.withheld", "jws": ACKNOWLEDGEMENT}, "another-record",
    ),
    "the event for the acknowledgement": ("prove_acknowledgement", ACKNOWLEDGEMENT, RECORDED, "another-record"),
    "the acknowledgement for the event": ("prove_event", DOCUMENT, ACKNOWLEDGED, "another-record"),
    "another acknowledgement": (
        "prove_acknowledgement", ACKNOWLEDGEMENT, {**ACKNOWLEDGED, "jws": compact(event=EVENT, matches=False)},
        "another-document",
    ),
    "a check for the event": ("prove_event", DOCUMENT, CHECK, "another-record"),
    "another check": ("prove_check", CHECK_ID, {**CHECK, "check": "chk_other"}, "another-record"),
    "no record": ("prove_event", DOCUMENT, {"kind": "registry.opened"}, "another-record"),
    "no document": ("prove_event", DOCUMENT, {**RECORDED, "jws": "x"}, "another-record"),
    "a number for a document": ("prove_event", DOCUMENT, {**RECORDED, "jws": 7}, "another-record"),
}  # fmt: skip


@pytest.mark.parametrize("name", OTHERS)
def test_a_genuine_receipt_of_something_else_is_not_believed(server: Scripted, call: Caller, name: str) -> None:
    method, meant, payload, code = OTHERS[name]
    server.script = [Says(200, LOG.receipt_of(payload))]
    with pytest.raises(VerificationError) as caught:
        call(server.url, method, meant, KEYS)
    assert caught.value.code == code


def test_a_receipt_that_was_changed_or_is_of_another_log_is_not_believed(server: Scripted, call: Caller) -> None:
    genuine = LOG.receipt_of(RECORDED)
    server.script = [Says(200, genuine.replace(b'"salt":"AQ', b'"salt":"AA'))]
    with pytest.raises(VerificationError):
        call(server.url, "prove_event", DOCUMENT, KEYS)
    server.script = [Says(200, genuine)]
    with pytest.raises(VerificationError):
        call(server.url, "prove_event", DOCUMENT, OTHER_KEYS)
    with pytest.raises(InputError, match="none was given"):
        call(server.url, "prove_event", DOCUMENT, [])


ANSWER = {
    "id": CHECK_ID, "outcome": "may-share", "headline": "You may.", "decided_at": "2026-11-27T10:00:00.000Z",
    "register": {"log_size": 7}, "recorded": True, "receipt": "/r", "explained": [{"rule": "duty"}],
}  # fmt: skip
LOGGED = {
    **CHECK, "decided_at": ANSWER["decided_at"], "register": ANSWER["register"],
    "answer": {"outcome": "may-share", "headline": "You may.", "explained": [], "one_more_fact": []},
}  # fmt: skip


def test_the_log_holds_the_very_answer_that_was_given(server: Scripted, call: Caller) -> None:
    server.script = [Says(200, LOG.receipt_of(LOGGED))]
    assert call(server.url, "prove_check", CHECK_ID, KEYS, ANSWER).verified.payload == LOGGED
    for logged, given in (
        (LOGGED, {**ANSWER, "outcome": "do-not-share"}),
        (LOGGED, {**ANSWER, "decided_at": "2026-11-27T10:00:01.000Z"}),
        (LOGGED, {name: value for name, value in ANSWER.items() if name != "headline"}),
        ({**LOGGED, "register": {"log_size": 8}}, ANSWER),
        ({**LOGGED, "answer": {}}, ANSWER),
        (CHECK, ANSWER),
    ):
        server.script = [Says(200, LOG.receipt_of(logged))]
        with pytest.raises(VerificationError) as caught:
            call(server.url, "prove_check", CHECK_ID, KEYS, given)
        assert caught.value.code == "another-answer"


def test_there_is_no_receipt_of_another_part() -> None:
    with pytest.raises(InputError, match="The part is one of"):
        verify(LOG.receipt_of(RECORDED), KEYS, EVENT, part="check")


@pytest.mark.parametrize(
    "says", [Says(200, b"[]"), Says(200, b"x"), Says(404, {}), Says(200, {}, media_type="text/html")]
)
def test_what_is_no_receipt_is_no_answer(server: Scripted, call: Caller, says: Says) -> None:
    server.script = [says]
    with pytest.raises((UnreachableError, ProblemError)):
        call(server.url, "prove_event", DOCUMENT, KEYS)


def test_a_receipt_that_is_not_ready_is_waited_for(server: Scripted, call: Caller) -> None:
    server.script = [Says(503, {}, {"Retry-After": "1"}), Says(200, LOG.receipt_of(RECORDED))]
    assert call(server.url, "prove_event", DOCUMENT, KEYS).verified.assurance == "operator"
    assert call.waits == [1.0]
