"""The page about the format says what is true: its example is taken, and gives the record that it shows."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import msgspec

from consenting import NOW, entry, known
from demonstration import ORIGIN, catalogue, demonstration_view
from isa_registry.api.limits import REFERENCES
from isa_registry.domain.consents import codes, life
from isa_registry.domain.consents.codes import NOT_UNDONE
from isa_registry.domain.consents.documents import ConsentRequest, WithdrawalRequest
from isa_registry.domain.consents.faults import request_faults, withdrawal_faults
from isa_registry.domain.consents.receipts import CONTEXT, Names, receipt
from isa_registry.domain.consents.states import fold

PAGE = (Path(__file__).parents[2] / "docs/formats/consent.md").read_text(encoding="utf-8")


def block(name: str) -> Any:
    (found,) = re.findall(rf"^```json {name}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return json.loads(found)


def table(heading: str) -> list[list[str]]:
    """The rows of the table that begins with this heading: each cell's codes."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].split("\n\n")[0].splitlines()[2:]
    return [[" ".join(re.findall(r"`([^`]+)`", cell)) for cell in line.strip("|").split("|")] for line in lines]


def example() -> Any:
    given = {name: value for name, value in block("consent").items() if name != "answer"}
    return fold([
        entry(40, "given", "cns_01999c3e7c0070008000000000000001", **given),
        entry(57, "withdrawn", "cns_01999c3e7c0070008000000000000001", **block("withdrawal")),
    ])[0]  # fmt: skip


def document() -> dict[str, Any]:
    def name(body: str) -> str:
        found = demonstration_view().organisation(body)
        return body if found is None else found.name

    made = receipt(example(), Names(catalogue(), name, ORIGIN), "2026-11-27")
    return dict(json.loads(msgspec.json.encode(made)))


def test_the_example_is_without_fault() -> None:
    assert () == request_faults(msgspec.convert(block("consent"), ConsentRequest), known())
    asked = msgspec.convert(block("withdrawal"), WithdrawalRequest)
    assert () == withdrawal_faults(asked, fold([entry(1, "given")])[0], known())
    assert NOW.year == 2026


def test_the_record_of_the_example_is_the_one_that_is_shown() -> None:
    shown, made = block("receipt"), document()
    assert shown == {name: value for name, value in made.items() if name != "@context"}


def test_the_page_lists_every_code() -> None:
    standings = {row[0]: (set(row[1].split()), set(row[2].split())) for row in table("`by`")}
    assert standings == {by: (set(one.subjects), set(one.shown_by)) for by, one in codes.STANDINGS.items()}
    assert set(re.findall(r"\*\*`([a-z-]+)`\*\*", PAGE)) == codes.EVIDENCED
    for known_codes in (codes.METHODS, codes.CHILDS_VIEWS, codes.INVALIDATION_REASONS, codes.ROLES, codes.STATUSES):
        assert {code for code in known_codes if f"`{code}`" in PAGE} == set(known_codes)
    assert {row[0]: row[1] for row in table("state")} == {
        state: " ".join(life.takes(state)) for state in ("given", "refused", "withdrawn", "invalidated")
    }


def test_the_page_says_what_the_answer_says_and_what_the_limits_are() -> None:
    plain = " ".join(PAGE.split())
    for sentence in NOT_UNDONE.split(". "):
        assert sentence.removeprefix("Information that was shared before this ").split(":")[0].rstrip(".") in plain
    assert f"{REFERENCES['client'].quota:,} different people" in plain
    assert f"one person about {REFERENCES['person'].quota}," in plain


# --- as linked data --------------------------------------------------------------------------------------------------

# The terms of DPV 2 that a record may use (w3id.org/dpv), checked by hand against the vocabulary.
DPV = {
    "ConsentRecord", "ConsentReceipt", "ConsentNotice", "DataSubject", "PersonalData",
    "SpecialCategoryPersonalData", "DataController", "Recipient", "PublicBenefit", "WithdrawConsent",
    "ConsentGiven", "RenewedConsentGiven", "ConsentRefused", "ConsentWithdrawn", "ConsentExpired",
    "ConsentInvalidated", "ExpressedConsent", "ExplicitlyExpressedConsent", "hasDataSubject", "hasNotice",
    "hasPurpose", "hasLegalBasis", "hasPersonalData", "hasDataController", "hasRecipient", "hasStorageCondition",
    "hasJurisdiction", "hasApplicableLaw", "hasConsentControl", "hasConsentStatus", "hasIndicationMethod",
    "isIndicatedAtTime", "isIndicatedBy",
}  # fmt: skip
_KEYWORDS = {"@id", "@type", "@context"}


def expanded(term: str) -> str:
    """The IRI of a term or of a compact IRI, by the document's own context alone."""
    defined = CONTEXT.get(term)
    if defined is not None:
        target = defined if isinstance(defined, str) else defined["@id"]
        return target if target in _KEYWORDS or target == term else expanded(target)
    prefix, colon, rest = term.partition(":")
    base = CONTEXT.get(prefix)
    return f"{base}{rest}" if colon and isinstance(base, str) and not rest.startswith("//") else term


def walk(value: Any) -> list[tuple[str, Any]]:
    """Every member and its value, however deep."""
    if isinstance(value, list):
        return [pair for one in value for pair in walk(one)]
    if not isinstance(value, dict):
        return []
    return [pair for name, of in value.items() for pair in ((name, of), *walk(of))]


def test_every_member_is_a_term_and_every_reference_an_iri() -> None:
    made = document()
    assert made.pop("@context") == CONTEXT
    used = set()
    for name, value in walk(made):
        iri = expanded(name)
        assert iri in _KEYWORDS or re.match(r"https?://|urn:", iri), name
        used.add(iri)
        defined = CONTEXT[name]
        links = name in ("id", "type") or (isinstance(defined, dict) and defined.get("@type") == "@id")
        for one in value if isinstance(value, list) else [value]:
            if links:
                assert isinstance(one, str), name
                assert re.match(r"https?://|urn:", expanded(one)), one
                used.add(expanded(one))
    dpv = {iri.removeprefix("https://w3id.org/dpv#") for iri in used if iri.startswith("https://w3id.org/dpv#")}
    assert dpv <= DPV, dpv - DPV


def test_what_the_standard_asks_for_is_there() -> None:
    made = document()
    for mandatory in (
        "schema_version", "record_id", "pii_principal", "privacy_notice", "purposes", "pii_information",
        "pii_controllers", "storage_locations", "retention_period", "jurisdiction", "recipient_third_parties",
        "withdrawal_method", "events",
    ):  # fmt: skip
        assert made[mandatory], mandatory
    assert made["privacy_notice"]["language"]
    for one in made["events"]:
        assert {"event_time", "event_state", "entity"} <= set(one)


def test_an_agreement_to_a_service_names_no_legal_basis() -> None:
    given = {name: value for name, value in block("consent").items() if name != "answer"}
    agreed = fold([entry(40, "given", **{**given, "role": "agreement-to-service"})])[0]
    made = receipt(agreed, Names(catalogue(), str, ORIGIN), "2026-11-27")
    assert "A6-1-a" not in json.dumps(json.loads(msgspec.json.encode(made)))
    assert (None, None) == (made.lawful_basis, made.events[0].event_type)
