"""The public register of agreements: the fields of GOV.UK's, drawn from what is published and signed, as page, CSV and
JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import msgspec

from demonstration import Demonstration
from isa_registry.domain.agreement_entries import AgreementWithdrawn
from isa_registry.domain.reporting.agreements_register import (
    GOV_UK_FIELDS,
    OWN_FIELDS,
    RegisterLine,
    agreements_register,
    agreements_register_csv,
)
from serving import Serving

TODAY = "2026-11-27"
FORMAT = (Path(__file__).parents[2] / "docs" / "formats" / "agreements-register.md").read_text(encoding="utf-8")


def line_of(demonstration: Demonstration, agreement: str = "tier-2-hoth") -> RegisterLine:
    lines = agreements_register(demonstration.view(), TODAY)
    return next(one for one in lines if one.information_sharing_agreement == agreement)


def test_it_has_the_eighteen_fields_of_the_register_on_gov_uk_first_and_in_their_order() -> None:
    assert len(GOV_UK_FIELDS) == 18
    assert RegisterLine.__struct_encode_fields__ == (*GOV_UK_FIELDS, *OWN_FIELDS)


def test_the_line_on_the_format_page_is_of_the_line_that_is_written() -> None:
    shown = json.loads(re.findall(r"^```json\n(.*?)^```$", FORMAT, re.MULTILINE | re.DOTALL)[0])
    assert shown.items() <= json.loads(msgspec.json.encode(line_of(Demonstration()))).items()


def test_whoever_withdraws_is_no_controller_any_more() -> None:
    demonstration = Demonstration()
    assert "harbour" in line_of(demonstration).controllers
    demonstration.withdraws("harbour", "tier-2-hoth", TODAY)
    line = line_of(demonstration)
    assert "harbour" not in line.controllers
    assert len(line.controllers) == len(line.controller_names)


def test_an_agreement_that_is_withdrawn_stays_in_it_and_says_so() -> None:
    withdrawn = AgreementWithdrawn("tier-2-hoth", "1.0", "2026-11-01", "replaced")
    assert line_of(Demonstration().then(withdrawn)).status == "withdrawn"


def test_what_an_agreement_does_not_say_is_empty() -> None:
    line = line_of(Demonstration(), "tier-1")
    assert (line.benefits, line.processors, line.areas, line.end_date) == ("", (), (), None)


def test_every_legal_power_is_legislation_that_a_clause_rests_on() -> None:
    demonstration = Demonstration()
    catalogue, line = demonstration.view().catalogue(), line_of(demonstration)
    assert catalogue is not None
    assert {"ca-2004-s16la", "ca-1989-s17"} <= set(line.legal_power)
    assert all("legislation.gov.uk" in (catalogue.provisions[one].uri or "") for one in line.legal_power)
    assert "golden-rule-1" not in line.legal_power


def test_the_csv_reads_back_as_the_lines_that_it_was_written_from() -> None:
    lines = agreements_register(Demonstration().view(), TODAY)
    rows = list(csv.DictReader(io.StringIO(agreements_register_csv(lines).decode(), newline="")))
    assert [row["information-sharing-agreement"] for row in rows] == ["tier-1", "tier-2-hoth"]
    for row, line in zip(rows, lines, strict=True):
        assert row == {name: said(value) for name, value in msgspec.to_builtins(line).items()}


def said(value: object) -> str:
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return "" if value is None else str(value)


async def test_anybody_reads_it_as_json_as_csv_and_as_a_page(shared: Serving) -> None:
    async with shared.client() as anybody:
        answer = await anybody.get("/api/v1/agreements-register")
        table = await anybody.get("/api/v1/agreements-register", headers={"Accept": "text/csv"})
        page = await anybody.get("/register-of-agreements")
        wrong = await anybody.get("/api/v1/agreements-register?format=xml")
    found = answer.json()
    assert {one["information-sharing-agreement"] for one in found["agreements"]} == {"tier-1", "tier-2-hoth"}
    assert table.headers["content-type"].startswith("text/csv")
    assert table.text.count("\r\n") == 1 + len(found["agreements"])
    assert all(one["name"] in page.text for one in found["agreements"])
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "#/format")
