"""What a recipient says of an event that was shared with it, and what both sides then see."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import httpx
import pytest

from api.proving import private_of, request_for
from api.speaking import MARKER, ORIGIN, Claims, Database, Signer, assert_problem, at, bearer, new_id, person_token
from isa_verify.encoding import canonical_json
from isa_verify.note import VerifierKey
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration

URL = "/api/v1/sharing-events"
JOSE = {"Content-Type": "application/jose"}
ACKNOWLEDGEMENT = "isa-acknowledgement+jws"


@pytest.fixture(scope="module")
def theirs(demonstration: Demonstration) -> Signer:
    """The council's keys."""
    return Signer(demonstration.state, LEAD)


def share(police: httpx.Client, signer: Signer, **changes: object) -> tuple[str, str]:
    """An event that was shared with the council: its id, and its exact document."""
    claims = signer.event(**changes)
    jws = signer.sign(claims)
    police.post(URL, content=jws, headers=JOSE).raise_for_status()
    return claims["id"], jws


def said(event: str, jws: str, **changes: object) -> Claims:
    """The claims of an acknowledgement that can be recorded, changed as asked."""
    return {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "event": event,
        "event_sha256": hashlib.sha256(jws.encode()).hexdigest(), "recipient": LEAD, "received_at": at(),
        "matches": True, **changes,
    }  # fmt: skip


def acknowledge(client: httpx.Client, event: str, jws: str) -> httpx.Response:
    return client.post(f"{URL}/{event}/acknowledgement", content=jws, headers=JOSE)


def seen(client: httpx.Client, event: str) -> Claims:
    found: Claims = client.get(f"{URL}/{event}").raise_for_status().json()
    return found


def listed(client: httpx.Client, side: str, state: str) -> list[str]:
    return [one["id"] for one in client.get(URL, params={"side": side, "state": state}).json()["events"]]


def both(police: httpx.Client, council: httpx.Client, event: str) -> set[str]:
    """What the two sides say of an event, on its own and in their lists."""
    states = {seen(client, event)["state"] for client in (police, council)}
    for state in ("matched", "unmatched", "disputed", "corrected"):
        for client, side in ((police, "provider"), (council, "recipient")):
            if event in listed(client, side, state):
                states.add(state)
    return states


def test_an_event_is_matched_once_its_recipient_acknowledges_it(
    police: httpx.Client, council: httpx.Client, signer: Signer, theirs: Signer, database: Database
) -> None:
    event, jws = share(police, signer)
    assert both(police, council, event) == {"unmatched"}
    before, claims = database.size(), said(event, jws)
    answer = acknowledge(council, event, theirs.sign(claims, ACKNOWLEDGEMENT))
    assert (answer.status_code, database.size()) == (201, before + 1), answer.text
    assert int(answer.headers["isa-log-size"]) == before + 1
    assert answer.json() == {
        "event": event, "provider": POLICE, "recipient": LEAD, "matches": True, "received_at": claims["received_at"],
        "entry": before, "recorded_at": answer.json()["recorded_at"],
        "receipt": f"{URL}/{event}/receipt?part=acknowledgement",
    }  # fmt: skip
    assert both(police, council, event) == {"matched"}


def test_both_sides_see_the_very_document_and_can_prove_it(
    police: httpx.Client, council: httpx.Client, signer: Signer, theirs: Signer, demonstration: Demonstration
) -> None:
    event, jws = share(police, signer)
    word = theirs.sign(said(event, jws), ACKNOWLEDGEMENT)
    first = council.post(f"{URL}/{event}/acknowledgement", json={"acknowledgement": word}).raise_for_status().json()
    keys = [VerifierKey.parse(vkey) for vkey in demonstration.vkeys]
    for client in (police, council):
        (one,) = seen(client, event)["acknowledgements"]
        assert (one["acknowledgement"], one["entry"], one["suspect"]) == (word, first["entry"], False)
        receipt = verify_receipt(client.get(first["receipt"]).raise_for_status().content, keys)
        assert (receipt.index, receipt.payload["kind"]) == (first["entry"], "sharing-event.acknowledged")
        assert (receipt.payload["jws"], receipt.payload["provider"]) == (word, POLICE)


def test_of_several_the_latest_counts_and_all_are_kept(
    police: httpx.Client, council: httpx.Client, signer: Signer, theirs: Signer, database: Database
) -> None:
    event, jws = share(police, signer)
    words = [
        theirs.sign(said(event, jws, matches=matches, received_at=at(seconds=5 - number)), ACKNOWLEDGEMENT)
        for number, matches in enumerate((False, True, False))
    ]
    answers = []
    for word, state in zip(words, ("disputed", "matched", "disputed"), strict=True):
        answers.append(acknowledge(council, event, word))
        assert both(police, council, event) == {state}
    before = database.size()
    for word, first in zip(words, answers, strict=True):
        again = acknowledge(council, event, word)
        assert (again.status_code, again.json()) == (200, first.json())
    assert database.size() == before
    assert both(police, council, event) == {"disputed"}
    assert [one["acknowledgement"] for one in seen(police, event)["acknowledgements"]] == words


def test_an_acknowledgement_takes_an_idempotency_key(
    police: httpx.Client, council: httpx.Client, signer: Signer, theirs: Signer
) -> None:
    event, jws = share(police, signer)
    word, key = theirs.sign(said(event, jws), ACKNOWLEDGEMENT), {**JOSE, "Idempotency-Key": f'"{new_id()}"'}
    address = f"{URL}/{event}/acknowledgement"
    first, again = (council.post(address, content=word, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    theirs_too = theirs.sign(said(event, jws, matches=False), ACKNOWLEDGEMENT)
    assert_problem(council.post(address, content=theirs_too, headers=key), 422, "idempotency-conflict")


@pytest.fixture(scope="module")
def shared(police: httpx.Client, signer: Signer) -> tuple[str, str]:
    """An event that nobody acknowledges: its id, and its exact document."""
    return share(police, signer)


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "code", "pointer"),
    [
        pytest.param({"v": 2}, 422, "unprocessable", "#/v", id="another version"),
        pytest.param({"v": "1"}, 400, "malformed", "#/v", id="a string for a number"),
        pytest.param({"registry": f"{MARKER}.example"}, 422, "unprocessable", "#/registry", id="another registry"),
        pytest.param({"partnership": MARKER}, 422, "unprocessable", "#/partnership", id="another partnership"),
        pytest.param({"event": MARKER}, 422, "unprocessable", "#/event", id="no id"),
        pytest.param({"event": new_id()}, 422, "unprocessable", "#/event", id="another event than the address"),
        pytest.param({"event": None}, 400, "malformed", "#/event", id="no event"),
        pytest.param({"event_sha256": MARKER}, 422, "unprocessable", "#/event_sha256", id="no hash"),
        pytest.param({"event_sha256": "0F" * 32}, 422, "unprocessable", "#/event_sha256", id="a hash in capitals"),
        pytest.param({"event_sha256": "0f" * 32}, 422, "unprocessable", "#/event_sha256", id="another hash"),
        pytest.param({"recipient": POLICE}, 403, "not-your-organisation", "#/recipient", id="the provider"),
        pytest.param({"recipient": MARKER}, 403, "not-your-organisation", "#/recipient", id="another body"),
        pytest.param({"recipient": {"kind": "police"}}, 400, "malformed", "#/recipient", id="a kind of body"),
        pytest.param({"received_at": MARKER}, 422, "unprocessable", "#/received_at", id="no time"),
        pytest.param({"received_at": "2026-11-23"}, 422, "unprocessable", "#/received_at", id="a date"),
        pytest.param({"received_at": at(days=-1)}, 422, "unprocessable", "#/received_at", id="in the future"),
        pytest.param({"received_at": at(minutes=3)}, 422, "unprocessable", "#/received_at", id="before it was shared"),
        pytest.param({"received_at": "2019-01-01T00:00:00.000Z"}, 422, "unprocessable", "#/received_at", id="long ago"),
        pytest.param({"matches": "yes"}, 400, "malformed", "#/matches", id="a string for yes or no"),
        pytest.param({"matches": None}, 400, "malformed", "#/matches", id="neither yes nor no"),
        pytest.param({MARKER: 1}, 400, "malformed", "#", id="an unknown member"),
        pytest.param({"note": MARKER}, 400, "malformed", "#", id="free text"),
    ],
)  # fmt: skip
def test_what_an_acknowledgement_cannot_say_is_refused(
    council: httpx.Client, theirs: Signer, shared: tuple[str, str], unchanged: None,
    changes: dict[str, object], status: int, code: str, pointer: str,
) -> None:  # fmt: skip
    event, jws = shared
    word = theirs.sign(said(event, jws) | changes, ACKNOWLEDGEMENT)
    assert_problem(acknowledge(council, event, word), status, code, pointer)


@pytest.mark.parametrize("member", ["v", "registry", "partnership", "event", "event_sha256", "recipient",
                                    "received_at", "matches"])  # fmt: skip
def test_no_member_may_be_left_out_or_stand_twice(
    council: httpx.Client, theirs: Signer, unchanged: None, member: str
) -> None:
    claims = said(new_id(), MARKER)
    fewer = {name: value for name, value in claims.items() if name != member}
    answer = acknowledge(council, claims["event"], theirs.sign(fewer, ACKNOWLEDGEMENT))
    assert_problem(answer, 400, "malformed", f"#/{member}")
    again = f',"{member}":{json.dumps(claims[member])}}}'
    doubled = theirs.sign(canonical_json(claims)[:-1] + again.encode(), ACKNOWLEDGEMENT)
    assert_problem(acknowledge(council, claims["event"], doubled), 422, "bad-document", "#")


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        pytest.param(lambda s, c: "", "#", id="empty"),
        pytest.param(lambda s, c: MARKER, "#", id="no JWS"),
        pytest.param(lambda s, c: s.sign(c, ACKNOWLEDGEMENT)[:-9], "#", id="truncated"),
        pytest.param(lambda s, c: s.sign(c), "#/typ", id="the type of an event"),
        pytest.param(lambda s, c: s.sign(c, ACKNOWLEDGEMENT, kid=MARKER), "#/kid", id="an unknown key"),
        pytest.param(lambda s, c: s.sign(c, ACKNOWLEDGEMENT, kid=f"{POLICE}-1"), "#/kid", id="the provider's key id"),
        pytest.param(lambda s, c: s.sign(c, ACKNOWLEDGEMENT, crit=["b64"]), "#", id="crit"),
        pytest.param(lambda s, c: s.sign(b"[]", ACKNOWLEDGEMENT), "#", id="a payload that is no object"),
    ],
)  # fmt: skip
def test_another_form_than_the_one_it_can_have_is_refused(
    council: httpx.Client, theirs: Signer, unchanged: None, make: Callable[[Signer, Claims], str], pointer: str
) -> None:
    claims = said(new_id(), MARKER)
    assert_problem(acknowledge(council, claims["event"], make(theirs, claims)), 422, "bad-document", pointer)


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"acknowledgement": 1}', b'{"acknowledgement": "a", "b": 1}', b"\xff"]
)
def test_json_of_another_form_is_malformed(council: httpx.Client, unchanged: None, body: bytes) -> None:
    address = f"{URL}/{new_id()}/acknowledgement"
    assert_problem(council.post(address, content=body, headers={"Content-Type": "application/json"}), 400, "malformed")


def test_nobody_but_the_recipient_acknowledges_and_learns_nothing(
    police: httpx.Client, council: httpx.Client, stranger: httpx.Client, signer: Signer,
    demonstration: Demonstration, shared: tuple[str, str], database: Database,
) -> None:  # fmt: skip
    """The provider, a body that is no party, the recipient of what was withheld: each is told what it is told of an
    event that never was."""
    (event, jws), sent = shared, signer.held_back("not-shared")
    withheld = police.post(URL, json=sent).raise_for_status().json()["id"]
    size = database.size()
    for client, name in ((police, POLICE), (stranger, "harbour"), (council, LEAD)):
        keys, told = Signer(demonstration.state, name), set()
        for asked, document in ((event, jws), (withheld, sent["event"]), (new_id(), jws)):
            if (name, asked) == (LEAD, event):
                continue
            word = keys.sign(said(asked, document, recipient=name), ACKNOWLEDGEMENT)
            answer = acknowledge(client, asked, word)
            assert_problem(answer, 404, "not-found")
            told.add(answer.text.replace(answer.headers["x-request-id"], ""))
        assert len(told) == 1
    assert database.size() == size


def test_a_key_for_events_alone_acknowledges_nothing(
    police: httpx.Client, council: httpx.Client, signer: Signer, theirs: Signer, demonstration: Demonstration,
    database: Database,
) -> None:  # fmt: skip
    event, jws = share(police, signer)
    private = private_of()
    with httpx.Client(
        base_url=demonstration.url, headers=bearer(person_token(demonstration, LEAD, "ig-lead")), timeout=20
    ) as lead:
        key = request_for(private, organisation=LEAD, uses=["event"], valid_from=at(hours=1))
        registered = lead.post(f"/api/v1/organisations/{LEAD}/keys", json=key)
    assert registered.status_code == 201, registered.text
    size = {"ISA-Min-Log-Size": registered.headers["isa-log-size"]}
    before = database.size()
    word = theirs.with_key(private).sign(said(event, jws), ACKNOWLEDGEMENT)
    answer = council.post(f"{URL}/{event}/acknowledgement", content=word, headers={**JOSE, **size})
    assert_problem(answer, 422, "bad-document", "#/kid")
    assert database.size() == before


@pytest.mark.parametrize("query", [{"state": "lost"}, {"state": ""}, {"side": "provider", "state": "MATCHED"}])
def test_a_state_that_is_none_is_refused(police: httpx.Client, query: dict[str, str]) -> None:
    assert_problem(police.get(URL, params=query), 400, "malformed")


def test_what_no_recipient_sees_is_in_no_state(police: httpx.Client, signer: Signer) -> None:
    for sent in (signer.held_back("not-shared"), {"event": signer.sign(signer.event(recipient={"kind": "voluntary"}))}):
        event = police.post(URL, json=sent).raise_for_status().json()["id"]
        assert "state" not in seen(police, event)
        for state in ("matched", "unmatched", "disputed", "corrected"):
            assert event not in listed(police, "provider", state)
