"""The signatories' guide: its commands run as they are printed, and it names nothing that is not there."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import httpx

from api.speaking import person_token
from guided import GUIDES, Guide
from isa_registry.api.access import ACCESS
from isa_registry.domain.attesting_codes import AUTHORITIES, WITHDRAWAL_REASONS
from isa_registry.domain.notices.steps import CHASING_DAYS, ENDING_DAYS
from isa_registry.pages.attesting_words import SIGNATORY_ROLES, STATES
from live import Demonstration

TEXT = (GUIDES / "signatory.md").read_text(encoding="utf-8")
VERSION = "/api/v1/agreements/tier-2-hoth/versions/1.0"
FIRE = "county-durham-darlington-fire"


def test_every_page_of_its_table_is_there_and_a_signatorys() -> None:
    pages = re.findall(r"^\| .*? \| `(/[^`]+)` \|$", TEXT, re.MULTILINE)
    assert len(pages) == 8
    for page in pages:
        terms = ACCESS["GET", page]
        assert terms.public or "signatory" in terms.roles, page


def test_every_other_page_that_it_names_is_there() -> None:
    pages = re.findall(r"\(?`(/account/[^`{]+)`", TEXT)
    assert pages
    for page in pages:
        assert ("GET", page) in ACCESS, page


def test_its_figures_and_names_are_those_of_the_service() -> None:
    words = " ".join(TEXT.split()).lower()
    assert f"{', '.join(map(str, CHASING_DAYS[:-1]))} and {CHASING_DAYS[-1]} days after the opening" in words
    assert f"you are told {ENDING_DAYS[0]} and {ENDING_DAYS[1]} days before" in words
    for role in SIGNATORY_ROLES.values():
        assert role.lower() in words, role
    assert STATES["by-parent"][1].lower() in words
    assert "office-holder" in AUTHORITIES
    assert "no-longer-shares" in WITHDRAWAL_REASONS


def test_a_signatory_signs_with_a_key_of_their_own_proves_it_and_leaves(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    (tmp_path / "log.vkeys").write_text("\n".join(demonstration.vkeys) + "\n", encoding="ascii")
    signatory = person_token(demonstration, FIRE, "signatory")
    guide = Guide("signatory.md", tmp_path, {"URL": demonstration.url, "SIGNATORY": signatory})
    own = "With a system of your own"
    at = {"ISA_URL": demonstration.url, "ISA_ORGANISATION": FIRE}
    guide.run(own)
    sent = guide.run(own, 1, **at)
    said = dict(re.findall(r"^  (\w+) +(\S+)$", sent, re.MULTILINE))
    assert sent.count("Attested.") == 1

    proved = guide.run("5. The certificate", receipt=said["receipt"])
    words = hashlib.sha256((tmp_path / "agreement.md").read_bytes()).hexdigest()
    assert proved.splitlines()[-1] == f"{words}  agreement.md"
    assert words in httpx.get(f"{demonstration.url}{VERSION}").text
    guide.run("6. Not signing, and leaving", ATTESTATION=said["attestation"])
    found = httpx.get(f"{demonstration.url}{VERSION}/attestations").json()["attestations"]
    assert [one["state"] for one in found if one["attestation"] == said["attestation"]] == ["withdrawn"]
    assert guide.left == []
