"""The search of the databases finds what it is for: in a row, in a payload, within a signed document, in a dump."""

from __future__ import annotations

import asyncpg
import pytest

from dumped import SEARCH, free_text_in, search, search_dump, things_in
from isa_verify.encoding import encode_base64url
from planted import NHS_NUMBERS, PLANTED, WORDS

CLAIMS = encode_base64url(b'{"case_record":"943 476 5919"}')
JWS = f"eyJhbGciOiJFZERTQSJ9.{CLAIMS}.c2ln"


@pytest.mark.parametrize("value", PLANTED)
def test_each_thing_that_tests_plant_is_found_wherever_it_is(value: str) -> None:
    assert "something of the made-up person" in set(things_in(f'{{"note":"x {value.upper()}"}}'.encode()))


def test_numbers_of_people_are_found_whoever_planted_them_and_others_are_not_taken_for_them() -> None:
    for found in (b'{"ref":"401 023 2137"}', b"4010232137", b"x 401-023-2137", b"\n4010232137\n"):
        assert "an NHS number" in set(things_in(found))
    for other in (b"x4010232137", b"14010232137", b"1.4010232137", b"4010232137.5", b"-4010232137"):
        assert [] == list(things_in(other))
    assert [] == list(things_in(b'{"entry":4010232138,"at":1764230400,"sha":"a4010232137b"}'))


def test_what_is_within_a_signed_document_is_found() -> None:
    assert "something of the made-up person" in set(things_in(f'{{"jws":"{JWS}"}}'.encode()))
    assert [] == list(free_text_in({"kind": "sharing-event.recorded", "jws": "eyJh.e30.c2ln"}))
    assert ["/jws>/case_record"] == list(free_text_in({"kind": "sharing-event.recorded", "jws": JWS}))


def test_text_with_a_space_is_found_in_the_record_of_a_case() -> None:
    assert ["/evidence"] == list(free_text_in({"evidence": ["afraid to go"], "answer": {"text": "You may share"}}))


async def test_a_row_a_payload_and_a_dump_are_searched(database_url: str) -> None:
    owner = await asyncpg.connect(database_url)
    before = set(SEARCH.found)
    try:
        await owner.execute(
            "INSERT INTO payload (index, kind, readers, payload, salt)"
            " VALUES (0, 'consent.given', '{a}', $1, sha256('x'))",
            f'{{"evidence":"{WORDS[0]}"}}'.encode(),
        )
        await owner.execute(
            "INSERT INTO event_reference (index, organisation, reference) VALUES (0, 'a', $1)", NHS_NUMBERS[0]
        )
        person = "something of the made-up person"
        assert {
            (person, "event_reference"),
            ("an NHS number", "event_reference"),
            (person, "payload of consent.given"),
            ("free text", "consent.given at /evidence"),
        } == await search(database_url)
        assert {person, "an NHS number"} == {thing for thing, _ in search_dump(database_url)}
    finally:
        SEARCH.found.clear()
        SEARCH.found.update(before)
        await owner.execute("SET session_replication_role = replica")
        await owner.execute("DELETE FROM payload; DELETE FROM event_reference")
        await owner.close()
