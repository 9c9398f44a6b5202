"""The examples on the pages about agreements and the catalogue are such as the code reads, and say what is there."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.agreement_text import agreement_markdown, clause_sha256, parse_agreement_text
from isa_registry.domain.agreements import ScheduleFlow
from isa_registry.domain.comparing.comparison import Wording, compare

ROOT = Path(__file__).parents[2]


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs/formats" / page).read_text(encoding="utf-8")
    return re.findall(r"^```[a-z]+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_words_on_the_agreements_page_parse_and_are_written_again_byte_for_byte() -> None:
    words = blocks("agreement.md")[0]
    parsed = parse_agreement_text(words)
    assert words == agreement_markdown(parsed)
    assert ("tier-2-hoth", "1.0") == (parsed.agreement, parsed.version)
    assert ["5", "5.3"] == [clause.id for clause in parsed.clauses]


def test_the_clause_on_the_agreements_page_has_the_hash_that_it_says() -> None:
    words, clause = blocks("agreement.md")[:2]
    assert clause in words
    parsed = parse_agreement_text(words).clauses[-1]
    assert hashlib.sha256(clause.encode()).hexdigest() == clause_sha256(parsed)
    page = (ROOT / "docs/formats/agreement.md").read_text(encoding="utf-8")
    assert f"have the SHA-256 `{clause_sha256(parsed)}`" in page


def test_the_comparison_on_its_page_is_what_comparing_the_two_clauses_gives() -> None:
    shown, old, new = blocks("comparison.md")
    texts = [f"# T\n\nAgreement `t`, version `1`.\n\n## 1 Harbours {{#1}}\n\n{one}" for one in (old, new)]
    schedule = read_schedule((ROOT / "agreements/durham/tier-1/1.0/schedule.json").read_bytes())
    found = compare(*(Wording(text, schedule) for text in texts))
    assert json.loads(shown) == json.loads(msgspec.json.encode(found.clauses[1]))


def test_the_flow_and_the_ledger_on_the_agreements_page_are_of_the_form_that_is_read() -> None:
    _, _, flow, heirs, ledger = blocks("agreement.md")
    assert set(msgspec.json.decode(heirs, type=dict[str, dict[str, list[str]]])) == {"heirs"}
    assert msgspec.json.decode(flow, type=ScheduleFlow, strict=True).minimum == ("identity", "photos-media")
    kept = json.loads((ROOT / "agreements/durham/tier-2-hoth/clause-ids.json").read_bytes())
    shown = json.loads(ledger)
    assert kept["5.3"] == shown["5.3"]
    assert {"heading", "since", "until", "heirs"} == set(shown["5.9"])


def elided(value: object) -> bool:
    return "…" in json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    ("number", "name", "key"), [(0, "provisions", ("code",)), (1, "matrix", ("organisation", "purpose"))]
)
def test_what_the_catalogues_page_shows_is_in_the_catalogue(number: int, name: str, key: tuple[str, ...]) -> None:
    shown: dict[str, Any] = json.loads(blocks("catalogue.md")[number].replace(", …}", "}"))
    rows = json.loads((ROOT / f"agreements/catalogue/{name}.json").read_bytes())
    (row,) = (row for row in rows if all(row[part] == shown[part] for part in key))
    assert {member: row[member] for member, value in shown.items() if not elided(value)} == {
        member: value for member, value in shown.items() if not elided(value)
    }
    assert set(shown) <= set(row)
