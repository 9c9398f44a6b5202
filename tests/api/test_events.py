"""Recording decisions to share and not to share, reading them again, their flags and receipts."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.proving import private_of, request_for
from api.speaking import ORIGIN, QUESTION, Claims, Database, Signer, assert_problem, at, id_of, new_id
from isa_client.documents import SigningKey
from isa_client.events import EventSubject, SharingEvent, Withheld, sign_event, time_of
from isa_verify.note import VerifierKey
from isa_verify.receipt import verify_receipt
from live import LEAD, POLICE, Demonstration

URL = "/api/v1/sharing-events"
JOSE = {"Content-Type": "application/jose"}


def record(client: httpx.Client, event: str | dict[str, str], size: dict[str, str] | None = None) -> dict[str, Any]:
    """Records an event; `size` is what the worker must have read before."""
    if isinstance(event, str):
        answer = client.post(URL, content=event, headers={**JOSE, **(size or {})})
    else:
        answer = client.post(URL, json=event, headers=size)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_event_is_recorded_and_the_size_includes_it(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    before, claims = database.size(), signer.event()
    answer = police.post(URL, content=signer.sign(claims), headers=JOSE)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{URL}/{claims['id']}"
    assert int(answer.headers["isa-log-size"]) == database.size() == before + 1
    assert answer.json()["entry"] == before
    assert (answer.json()["id"], answer.json()["provider"], answer.json()["flags"]) == (claims["id"], POLICE, [])


def test_the_exact_bytes_received_are_kept(police: httpx.Client, signer: Signer) -> None:
    jws = signer.sign(signer.event())
    first = record(police, jws)
    again = police.get(f"{URL}/{first['id']}").json()
    assert again == {**first, "event": jws, "suspect": False, "state": "unmatched", "acknowledgements": []}


def test_the_clients_own_events_are_taken(police: httpx.Client, signer: Signer, demonstration: Demonstration) -> None:
    """What the published client signs is what the registry records."""
    key = SigningKey.read(demonstration.state / "demo" / "keys" / f"{POLICE}.jwk")
    now = datetime.now(UTC)
    event = SharingEvent(
        registry=ORIGIN, partnership="durham", id=new_id(), decision="part-shared", provider=POLICE,
        recipient={"kind": "housing-provider"}, purpose="harm-outside-the-home", categories=["identity"],
        subjects=[EventSubject("child", signer.reference("C-300"), ("victim",))], urgency="urgent", check=None,
        agreement=None, basis={"article_6": ["art6-1-e"]}, would_help_recipient=None, more_detrimental=False,
        consent="refused", family_informed="no", not_informed_reason="increases-risk", childs_view="objects",
        decided_by_role="team-manager", decided_by_ref="STAFF-17", decided_at=time_of(now), shared_at=time_of(now),
        method="telephone", case_record="CMS-1234", review_on="2027-01-31", retention="looked-after-child",
    )  # fmt: skip
    jws, listed = sign_event(event, [Withheld("health", "confidentiality")], key)
    assert listed is not None
    record(police, {"event": jws, "withheld": listed})
    assert police.get(f"{URL}/{event.id}").json()["withheld"] == listed


@pytest.mark.parametrize("decision", ["part-shared", "not-shared", "deferred"])
def test_what_was_withheld_is_an_entry_of_its_own(
    police: httpx.Client, signer: Signer, database: Database, demonstration: Demonstration, decision: str
) -> None:
    before, sent = database.size(), signer.held_back(decision)
    first = record(police, sent)
    flagged = len(first["flags"])  # an entry of its own too
    assert (first["entry"], database.size()) == (before, before + 2 + flagged)
    key = VerifierKey.parse(demonstration.vkey)
    event, withheld = (
        verify_receipt(police.get(first["receipt"], params={"part": part}).raise_for_status().content, [key])
        for part in ("event", "withheld")
    )
    assert (event.index, event.payload["kind"], event.payload["jws"]) == (
        before,
        "sharing-event.recorded",
        sent["event"],
    )
    assert (withheld.index, withheld.payload["kind"], withheld.payload["jws"]) == (
        before + 1, "sharing-event.withheld", sent["withheld"],
    )  # fmt: skip


def test_where_all_was_shared_there_is_no_list_to_fetch(police: httpx.Client, signer: Signer) -> None:
    receipt = record(police, signer.sign(signer.event()))["receipt"]
    assert_problem(police.get(f"{receipt}?part=withheld"), 404, "not-found")
    assert_problem(police.get(f"{receipt}?part=other"), 400, "malformed")


# --- the same event again --------------------------------------------------------------------------------------------


def test_the_same_content_again_gives_the_first_answer(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    jws = signer.sign(signer.event())
    first, size = record(police, jws), database.size()
    for sent in (
        {"content": jws, "headers": JOSE},
        {"json": {"event": jws}},
        {"json": {"event": jws, "withheld": None}},
    ):
        again = police.post(URL, **sent)  # type: ignore[arg-type]
        assert (again.status_code, again.json()) == (200, first)
    assert database.size() == size


def test_the_same_event_with_its_list_again_gives_the_first_answer(
    police: httpx.Client, signer: Signer, database: Database
) -> None:
    sent = signer.held_back("part-shared")
    first, size = record(police, sent), database.size()
    again = police.post(URL, json=sent)
    assert (again.status_code, again.json(), database.size()) == (200, first, size)


def test_another_content_under_the_same_id_is_refused(police: httpx.Client, signer: Signer, database: Database) -> None:
    claims = signer.event()
    first = record(police, signer.sign(claims))
    size = database.size()
    answer = police.post(URL, content=signer.sign({**claims, "case_record": "CMS-9999"}), headers=JOSE)
    assert_problem(answer, 409, "event-conflict")
    assert database.size() == size
    assert police.get(f"{URL}/{first['id']}").json()["event"] == signer.sign(claims)


def test_an_event_is_the_same_though_its_key_was_revoked_meanwhile(
    police: httpx.Client, lead: httpx.Client, signer: Signer, database: Database
) -> None:
    """An answer that was lost is asked for again, however late; nothing new is signed with the key."""
    spare, size = spare_key(lead, signer)
    claims = spare.event()
    jws = spare.sign(claims)
    first = record(police, jws, size)
    revoked = lead.post(f"/api/v1/organisations/{POLICE}/keys/{spare.jwk['kid']}/revocation", json={"reason": "ceased"})
    size = {"ISA-Min-Log-Size": revoked.headers["isa-log-size"]}
    again = police.post(URL, content=jws, headers={**JOSE, **size})
    assert (again.status_code, again.json()) == (200, first)
    before = database.size()
    for other in (spare.event(), {**claims, "case_record": "CMS-9999"}):
        answer = police.post(URL, content=spare.sign(other), headers={**JOSE, **size})
        assert_problem(answer, 422, "bad-document", "#/kid")
    assert database.size() == before


def spare_key(lead: httpx.Client, signer: Signer, **changes: object) -> tuple[Signer, dict[str, str]]:
    """Another key of the constabulary, registered for events, and the header that waits for it."""
    private = private_of()
    key = request_for(private, valid_from=at(hours=1)) | changes
    answer = lead.post(f"/api/v1/organisations/{POLICE}/keys", json=key).raise_for_status()
    return signer.with_key(private), {"ISA-Min-Log-Size": answer.headers["isa-log-size"]}


# --- times -----------------------------------------------------------------------------------------------------------


def test_a_clock_may_be_two_minutes_ahead(police: httpx.Client, signer: Signer) -> None:
    record(police, signer.sign(signer.event(decided_at=at(seconds=-100), shared_at=at(seconds=-100))))


def test_an_old_decision_is_recorded_as_a_late_entry(police: httpx.Client, signer: Signer) -> None:
    record(police, signer.sign(signer.event(decided_at=at(days=3), shared_at=at(days=3), late_entry=True)))


def test_a_key_signs_only_what_was_decided_while_it_was_valid(
    police: httpx.Client, lead: httpx.Client, signer: Signer, database: Database
) -> None:
    spare, size = spare_key(lead, signer, valid_from=at(hours=2), valid_until=at(hours=1))
    record(police, spare.sign(spare.event(decided_at=at(minutes=90))), size)
    before = database.size()
    for hours in (0, 3):
        jws = spare.sign(spare.event(decided_at=at(hours=hours), late_entry=True))
        answer = police.post(URL, content=jws, headers={**JOSE, **size})
        assert_problem(answer, 422, "unprocessable", "#/decided_at")
    assert database.size() == before


# --- flags -----------------------------------------------------------------------------------------------------------


def asked(police: httpx.Client, **members: object) -> Claims:
    answer: Claims = police.post("/api/v1/checks", json={**QUESTION, **members}).raise_for_status().json()
    return answer


def test_withholding_against_a_duty_is_flagged(police: httpx.Client, signer: Signer) -> None:
    circumstances = {"would_help_recipient": True, "relates_to_child": True}
    check = asked(police, circumstances=circumstances)
    assert check["outcome"] == "duty-to-share"
    for decision in ("not-shared", "deferred"):
        first = record(police, signer.held_back(decision, check=check["id"]))
        assert first["flags"] == ["withheld-against-duty"]
        assert police.get(f"{URL}/{first['id']}").json()["flags"] == ["withheld-against-duty"]


def test_without_a_check_the_events_own_facts_are_asked_about(police: httpx.Client, signer: Signer) -> None:
    facts = {"would_help_recipient": True, "more_detrimental": False}
    assert record(police, signer.held_back("not-shared", duty=facts))["flags"] == ["withheld-against-duty"]
    harmful = {"would_help_recipient": True, "more_detrimental": True}
    detriment = signer.held_back("not-shared", "more-detrimental", duty=harmful, approved_by="team-manager")
    assert record(police, detriment)["flags"] == []


def test_sharing_against_a_bar_is_recorded_and_flagged(police: httpx.Client, signer: Signer) -> None:
    check = asked(police, circumstances={"restriction": "court-order-forbids"})
    assert check["outcome"] == "do-not-share"
    assert record(police, signer.sign(signer.event(check=check["id"])))["flags"] == ["review-basis"]


def test_the_recipients_receipt_does_not_show_the_flags(
    police: httpx.Client, council: httpx.Client, signer: Signer, demonstration: Demonstration
) -> None:
    check = asked(police, circumstances={"restriction": "court-order-forbids"})
    first = record(police, signer.sign(signer.event(check=check["id"])))
    assert first["flags"] == ["review-basis"]
    content = council.get(first["receipt"]).raise_for_status().content
    receipt = verify_receipt(content, [VerifierKey.parse(vkey) for vkey in demonstration.vkeys])
    assert sorted(receipt.payload) == ["jws", "kind"]
    assert police.get(f"{URL}/{first['id']}").json()["flags"] == ["review-basis"]


def test_sharing_what_may_be_shared_is_not_flagged(police: httpx.Client, signer: Signer) -> None:
    assert record(police, signer.sign(signer.event(check=asked(police)["id"])))["flags"] == []


# --- lists -----------------------------------------------------------------------------------------------------------


def test_a_list_goes_newest_first_by_pages_that_link(demonstration: Demonstration, database: Database) -> None:
    """Each event once, whatever is recorded while somebody reads."""
    name = "probation-north-east"
    signer = Signer(demonstration.state, name)
    with demonstration.client(name) as probation:
        sent = [id_of(signer.sign(claims)) for claims in (_recorded(probation, signer) for _ in range(60))]
        first = probation.get(URL)
        page = first.json()
        assert [one["id"] for one in page["events"]] == sent[:-51:-1]
        assert first.headers["link"] == f'<{URL}?side=provider&cursor={page["next"]}>; rel="next"'
        _recorded(probation, signer)
        second = probation.get(first.links["next"]["url"])
        assert [one["id"] for one in second.json()["events"]] == sent[-51::-1]
        assert second.json()["next"] is None
        assert "link" not in second.headers
        assert probation.get(f"{URL}?side=recipient").json() == {"events": [], "next": None}
    line = page["events"][0]
    assert (line["provider"], line["recipient"], line["decision"], line["flags"]) == (name, LEAD, "shared", [])


def _recorded(client: httpx.Client, signer: Signer) -> Claims:
    claims = signer.event(decided_by={"role": "probation-officer", "ref": "STAFF-3"})
    record(client, signer.sign(claims))
    return claims


@pytest.mark.parametrize("cursor", ["", "e", "12", "e-1", "e1.0", "e٣", "e" + "9" * 19, "x" * 100])
def test_a_cursor_that_the_registry_did_not_give_is_refused(police: httpx.Client, cursor: str) -> None:
    assert_problem(police.get(URL, params={"cursor": cursor}), 400, "malformed")


@pytest.mark.parametrize("side", ["", "both", "provider'--"])
def test_a_side_that_is_none_is_refused(police: httpx.Client, side: str) -> None:
    assert_problem(police.get(URL, params={"side": side}), 400, "malformed")


def test_a_day_old_event_that_was_recorded_in_time_is_still_the_same(police: httpx.Client, signer: Signer) -> None:
    """The limit of 24 hours is for what is new."""
    edge = at(hours=24, seconds=-2)
    jws = signer.sign(signer.event(decided_at=edge, shared_at=edge))
    first = record(police, jws)
    waited = datetime.now(UTC) - timedelta(hours=24) - datetime.fromisoformat(edge)
    time.sleep(max(0.0, -waited.total_seconds()) + 0.1)
    again = police.post(URL, content=jws, headers=JOSE)
    assert (again.status_code, again.json()) == (200, first)
    late = police.post(URL, content=signer.sign(signer.event(decided_at=edge, shared_at=edge)), headers=JOSE)
    assert_problem(late, 422, "unprocessable", "#/decided_at")


def test_a_receipt_is_in_its_one_spelling(police: httpx.Client, signer: Signer) -> None:
    receipt = police.get(record(police, signer.sign(signer.event()))["receipt"]).json()
    assert set(receipt) == {"v", "leaf", "payload", "salt", "proof"}
    assert len(base64.b64decode(receipt["salt"], validate=True)) == 32
