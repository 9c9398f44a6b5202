"""A name, a number, a day of birth or words about a person are taken nowhere: not in any member of what is asked, noted
or looked for about a case, nor in a member that is not there. Nothing of it is stored or said again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.speaking import QUESTION, Claims, Database, Signer, at, set_in
from consenting import ANSWER
from isa_registry.domain.dates import is_date
from live import LEAD, POLICE, Demonstration
from planted import BORN, NAMES, NHS_NUMBERS, OTHERS, WORDS

VALUES = (NAMES[0], NHS_NUMBERS[0], NHS_NUMBERS[1], BORN[0], WORDS[0], *OTHERS[:2])

JOSE = {"Content-Type": "application/jose"}


def places(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every member of a document that holds a text or nothing, by its path."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in items:
        if isinstance(value, dict | list):
            yield from places(value, f"{path}/{name}")
        elif value is None or isinstance(value, str):
            yield f"{path}/{name}", value


def spoilt(document: Claims) -> Iterator[tuple[str, Claims]]:
    """The document with something of a person in each place in turn, and in a member and a subject's member that it
    does not have. A day is not put where a day belongs."""
    for path, held in places(document):
        days = held is not None and is_date(str(held))
        for value in VALUES:
            # The version of a form may be the day that it is of.
            if not (value == BORN[0] and (days or path.endswith(("_on", "/on", "/version")))):
                yield f"{path} = {value}", set_in(document, path, value)
    for value in VALUES:
        yield f"/note = {value}", {**document, "note": value}
        if document.get("subjects"):
            subject = {**document["subjects"][0], "name": value}
            yield f"/subjects/0/name = {value}", {**document, "subjects": [subject]}


def question(signer: Signer) -> Claims:
    circumstances = {"consent": "not-sought", "para18_reason": None, "restriction": None, "statutory_request": None}
    subjects = [{"kind": "child", "roles": ["victim"], "ref": signer.reference("A-100")}]
    return {**QUESTION, "provider": POLICE, "subjects": subjects, "circumstances": circumstances, "urgency": "routine"}


def consent(signer: Signer) -> Claims:
    subject = {"kind": "child", "ref": signer.reference("A-100")}
    return {**ANSWER, "subject": subject, "answered_at": at(), "age_transition_on": "2030-06-01", "retention": None}


def refused(client: httpx.Client, path: str, document: Claims, where: str) -> None:
    answer = client.post(path, json=document)
    assert 400 <= answer.status_code < 500, (where, answer.status_code)
    assert not [value for value in VALUES if value in answer.text], where


@pytest.fixture
def nothing_stored(database: Database, demonstration: Demonstration) -> Iterator[None]:
    before = database.size()
    yield
    assert database.size() == before
    assert not [value for value in VALUES if value in demonstration.output]


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_of_a_person_is_asked(police: httpx.Client, signer: Signer) -> None:
    plain = question(signer)
    assert police.post("/api/v1/checks", json={**plain, "record": False}).status_code == 200
    for where, document in spoilt(plain):
        if where.startswith(("/recipient", "/provider")):
            continue  # A body that is not known is no mistake, and is answered; see below.
        refused(police, "/api/v1/checks", document, where)


def test_a_recipient_that_is_no_body_is_not_kept(police: httpx.Client, signer: Signer) -> None:
    for value in VALUES:
        answer = police.post("/api/v1/checks", json={**question(signer), "recipient": value})
        assert 400 <= answer.status_code < 500, value


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_of_a_person_is_in_an_event(police: httpx.Client, signer: Signer) -> None:
    documents = list(spoilt(signer.event(request="REQ-1", advice=[{"role": "siro", "outcome": "share"}])))
    for start in range(0, len(documents), 100):
        batch = documents[start : start + 100]
        events = [{"event": signer.sign(document)} for _, document in batch]
        answer = police.post("/api/v1/sharing-events/batch", json={"events": events})
        results = answer.raise_for_status().json()["results"]
        assert [] == [where for (where, _), one in zip(batch, results, strict=True) if "type" not in one]
        assert not [value for value in VALUES if value in answer.text]


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_of_a_person_is_in_a_list_of_what_was_withheld(police: httpx.Client, signer: Signer) -> None:
    event = signer.event(decision="part-shared")
    for where, document in spoilt(signer.withheld(event["id"])):
        listed = signer.sign(document, "isa-withheld+jws")
        named = {**event, "withheld_sha256": hashlib.sha256(listed.encode()).hexdigest()}
        refused(police, "/api/v1/sharing-events", {"event": signer.sign(named), "withheld": listed}, where)


def test_nothing_of_a_person_is_in_an_acknowledgement(
    police: httpx.Client, council: httpx.Client, demonstration: Demonstration, database: Database, signer: Signer
) -> None:
    event = signer.sign(signer.event())
    recorded = police.post("/api/v1/sharing-events", content=event, headers=JOSE).raise_for_status().json()
    path = f"/api/v1/sharing-events/{recorded['id']}/acknowledgement"
    ours = Signer(demonstration.state, LEAD)
    plain: Claims = {
        "v": 1,
        "registry": signer.event()["registry"],
        "partnership": "durham",
        "event": recorded["id"],
        "event_sha256": hashlib.sha256(event.encode()).hexdigest(),
        "recipient": LEAD,
        "received_at": at(),
        "matches": True,
    }
    before = database.size()
    for where, document in spoilt(plain):
        signed = ours.sign(document, "isa-acknowledgement+jws")
        answer = council.post(path, content=signed, headers=JOSE)
        assert 400 <= answer.status_code < 500, where
        assert not [value for value in VALUES if value in answer.text], where
    assert database.size() == before


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_of_a_person_is_in_a_consent(police: httpx.Client, signer: Signer) -> None:
    for where, document in spoilt(consent(signer)):
        refused(police, "/api/v1/consents", document, where)


@pytest.mark.usefixtures("nothing_stored")
def test_nothing_of_a_person_is_looked_for(police: httpx.Client) -> None:
    for value in VALUES:
        refused(police, "/api/v1/consents/search", {"references": [value]}, value)


def test_the_plain_documents_are_taken(police: httpx.Client, signer: Signer) -> None:
    """So that what is refused above is refused for what was put into it."""
    assert police.post("/api/v1/consents", json=consent(signer)).status_code == 201
    assert police.post("/api/v1/sharing-events", content=signer.sign(signer.event()), headers=JOSE).status_code == 201
