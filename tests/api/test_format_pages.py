"""The pages on formats say what is true: their examples are taken by the code that takes the real ones."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec
import pytest

from demonstration import catalogue, demonstration_view
from isa_registry.domain.decisions import check_question, decide
from isa_registry.domain.entries import KeyRegistered
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.sharing import decode_event, decode_withheld, event_faults, withheld_faults
from isa_registry.identity.documents import verify_document
from isa_verify.encoding import canonical_json

FORMATS = Path(__file__).parents[2] / "docs" / "formats"


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(
        rf"^```{kind}\n(.*?)^```$", (FORMATS / page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def example_key(kid: str) -> KeyRegistered | None:
    (public,) = (block.strip() for block in blocks("sharing-event.md", "key"))
    return KeyRegistered(
        organisation="durham-constabulary",
        kid=kid,
        algorithm="Ed25519",
        jwk={"kty": "OKP", "crv": "Ed25519", "x": public},
        uses=("event",),
        valid_from="2026-01-01T00:00:00.000Z",
    )


def test_the_worked_event_and_its_list_are_signed_and_without_fault() -> None:
    (wrapped_event,) = blocks("sharing-event.md", "event")
    (wrapped_list,) = blocks("sharing-event.md", "withheld")
    compact, held_back = wrapped_event.replace("\n", ""), wrapped_list.replace("\n", "")
    document = verify_document(compact, typ="isa-sharing-event+jws", key_for=example_key)
    event = decode_event(document.payload)
    withheld = decode_withheld(verify_document(held_back, typ="isa-withheld+jws", key_for=example_key).payload)

    assert () == event_faults(event, catalogue(), origin="demo.isa-registry.invalid/durham", partnership="durham")
    assert () == withheld_faults(withheld, event, catalogue())
    assert hashlib.sha256(held_back.encode()).hexdigest() == event.withheld_sha256
    assert canonical_json(document.claims) == document.payload


def test_the_page_names_every_member_of_an_event() -> None:
    text = (FORMATS / "sharing-event.md").read_text(encoding="utf-8")
    (wrapped,) = blocks("sharing-event.md", "event")
    event = verify_document(wrapped.replace("\n", ""), typ="isa-sharing-event+jws", key_for=example_key).claims

    assert [] == [member for member in event if f"`{member}`" not in text]


@pytest.mark.parametrize("example", blocks("check.md", "json"))
def test_every_question_on_the_page_is_answered(example: str) -> None:
    question = msgspec.json.decode(example, type=Question)
    asked = msgspec.structs.replace(question, provider="durham-constabulary")

    assert [] == check_question(asked, catalogue())
    answer = decide(demonstration_view(), catalogue(), asked, Evidence(), today="2026-11-23")
    assert answer.outcome in ("duty-to-share", "may-share")
