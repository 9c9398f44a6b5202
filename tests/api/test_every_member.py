"""Every member of every document about sharing, at every depth: what is not of its type, free text, nothing, twice, or
beside those that there are is refused with a pointer to it, and nothing is stored.

The members are found in the documents, so that one that comes later is tried too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from api.speaking import ORIGIN, WITHHELD, Claims, Signer, assert_problem, at, new_id, set_in
from isa_registry.domain.sharing import Acknowledgement, SharingEvent, Withheld
from isa_verify.encoding import canonical_json
from live import LEAD, Demonstration

URL = "/api/v1/sharing-events"
ACKNOWLEDGEMENT = "isa-acknowledgement+jws"
TEXT = "Anna Smith, aged 14"
WRONG: dict[str, object] = {
    "a number": 7, "free text": TEXT, "a list": [TEXT], "an object": {"note": TEXT}, "yes": True, "nothing": None,
}  # fmt: skip

Case = tuple[str, bytes, int, str]
"""Its name, the payload to sign, and the status and the beginning of the pointer with which it is refused."""

pytestmark = pytest.mark.usefixtures("unchanged")


def places(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value in a document, with its pointer."""
    if path:
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from places(one, f"{path}/{name}")


def cases(claims: Claims, kind: type) -> Iterator[Case]:
    """Whatever can be wrong with the form of a document."""
    for path, value in places(claims):
        for name, wrong in WRONG.items():
            changed = set_in(claims, path, wrong)
            try:
                msgspec.convert(changed, kind)
            except msgspec.ValidationError:
                yield f"{name} at {path}", canonical_json(changed), 400, path
            else:
                # Every text is a code, a reference, a time or a hash: none says anything about anybody.
                if name == "free text":
                    yield f"{name} at {path}", canonical_json(changed), 422, path
        if isinstance(value, dict):
            yield from _of_object(claims, path, value)
    yield from _of_object(claims, "", claims)


def _of_object(claims: Claims, path: str, value: Claims) -> Iterator[Case]:
    def instead(other: Claims) -> Claims:
        return set_in(claims, path, other) if path else other

    yield f"another member in {path}", canonical_json(instead({**value, "note": TEXT})), 400, path
    for member in value:
        fewer = {name: one for name, one in value.items() if name != member}
        yield f"no {path}/{member}", canonical_json(instead(fewer)), 400, f"{path}/{member}"
        text, part = canonical_json(claims), canonical_json(value)
        again = part[:-1] + b"," + canonical_json({member: value[member]})[1:]
        yield f"{path}/{member} twice", text.replace(part, again, 1), 422, ""


def whole_event(signer: Signer) -> Claims:
    """An event in which every member has a value that can have one."""
    return signer.event(
        agreement={"id": "tier-2-hoth", "version": "1.0"},
        subjects=[{"kind": "child", "roles": ["victim"], "ref": signer.reference("A-100")}],
        basis={"article_6": ["art6-1-e"], "article_9": ["art9-2-g"], "article_10": ["dpa-2018-sch1-para18"],
               "part_3": ["dpa-2018-s35-2-b"], "gateways": ["ca-2004-s16la"]},
        informed={"family": "no", "reason": "increases-risk"}, advice=[{"role": "siro", "outcome": "share"}],
        approved_by="team-manager", request="REQ-100", retention="looked-after-child", review_on="2099-01-01",
        para18_reason="would-prejudice",
        s36_4_authority="ca-2004-s16la", confidentiality_route="statute",
    )  # fmt: skip


def test_every_member_of_an_event(police: httpx.Client, signer: Signer) -> None:
    tried = list(cases(whole_event(signer), SharingEvent))
    assert len(tried) > 300
    refused(police, tried, [{"event": signer.sign(payload)} for _, payload, _, _ in tried], "")


def test_every_member_of_a_list_of_what_was_withheld(police: httpx.Client, signer: Signer) -> None:
    event = signer.event(decision="part-shared")
    tried = list(cases(signer.withheld(event["id"]), Withheld))
    sent = []
    for _, payload, _, _ in tried:
        listed = signer.sign(payload, WITHHELD)
        named = {**event, "withheld_sha256": hashlib.sha256(listed.encode()).hexdigest()}
        sent.append({"event": signer.sign(named), "withheld": listed})
    assert len(tried) > 40
    refused(police, tried, sent, "/withheld")


def refused(police: httpx.Client, tried: list[Case], sent: list[dict[str, str]], within: str) -> None:
    """Each is refused as it should be, though it comes with others; `within` is where the document stands."""
    for start in range(0, len(tried), 100):
        answer = police.post(f"{URL}/batch", json={"events": sent[start : start + 100]}).raise_for_status()
        assert TEXT not in answer.text
        for position, (name, _, status, path) in enumerate(tried[start : start + 100]):
            told: dict[str, Any] = answer.json()["results"][position]
            pointers = [error["pointer"] for error in told["errors"]]
            assert (told["status"] == status) or (path == "/provider" and told["status"] == 403), (name, told)
            wanted = f"#/events/{position}{within}{path}"
            # Which of an agreement's two members is unknown cannot be said; nor of a list's names, whose they are.
            wider = wanted.rpartition("/")[0] if path in ("/agreement/id", "/agreement/version") or within else wanted
            assert any(one.startswith(wanted) or one == wider for one in pointers), (name, told)


def test_every_member_of_an_acknowledgement(council: httpx.Client, demonstration: Demonstration) -> None:
    theirs, event = Signer(demonstration.state, LEAD), new_id()
    claims = {
        "v": 1, "registry": ORIGIN, "partnership": "durham", "event": event, "event_sha256": "0f" * 32,
        "recipient": LEAD, "received_at": at(), "matches": True,
    }  # fmt: skip
    tried = list(cases(claims, Acknowledgement))
    assert len(tried) > 50
    for name, payload, status, path in tried:
        jws = theirs.sign(payload, ACKNOWLEDGEMENT)
        answer = council.post(
            f"{URL}/{event}/acknowledgement", content=jws, headers={"Content-Type": "application/jose"}
        )
        problem = assert_problem(answer, 403 if path == "/recipient" and status == 422 else status)
        assert any(error["pointer"].startswith(f"#{path}") for error in problem["errors"]), (name, problem)
        assert TEXT not in answer.text
