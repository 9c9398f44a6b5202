"""The whole life of a version, as docs/guides/business-unit.md tells it: every command of the guide is run as it is
printed, a body signs in a browser, and after each step both workers are asked what they make of it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import sync_playwright

from api.speaking import bearer, person_token
from guided import Guide
from isa_registry.domain.dates import london_date
from isa_registry.identity.signing import new_signing_key
from live import LEAD, POLICE, Demonstration
from loudly import LOUD
from next_version import AGREEMENT, NEW, OLD, write_next
from notices.mailboxes import Mailboxes, mail_server

ICB, HARBOUR, WAY, PROBATION = "nenc-icb", "harbour", "way-through", "probation-north-east"
TODAY = london_date(datetime.now(UTC))
VERSION = f"/api/v1/agreements/{AGREEMENT}/versions/{NEW}"
SILENT = ("harrogate-district-nhs-ft", "county-durham-darlington-nhs-ft", "tees-esk-wear-valleys-nhs-ft", PROBATION)
"""Bodies that signed 1.0, and say nothing of 1.1."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
RECORDED = {
    "provider": POLICE, "subjects": [{"kind": "child"}],
    "circumstances": {"would_help_recipient": True, "more_detrimental_to_share": False},
}  # fmt: skip


class Life:
    """A partnership at work: its business unit's two people, its bodies, and a mail server that takes what they are
    told."""

    def __init__(self, demonstration: Demonstration, boxes: Mailboxes, directory: Path) -> None:
        self.demonstration, self.boxes, self.directory = demonstration, boxes, directory
        write_next(directory, in_force=date.fromisoformat(TODAY))
        (directory / "log.vkeys").write_text("\n".join(demonstration.vkeys) + "\n", encoding="ascii")
        self._tokens: dict[tuple[str, str], str] = {}
        self.guide = Guide(
            "business-unit.md",
            directory,
            {
                "URL": demonstration.url,
                "ISA_URL": demonstration.url,
                "ONE": self.token(LEAD, "business-unit"),
                "OTHER": self.token(LEAD, "business-unit-2"),
            },
        )

    def token(self, organisation: str, person: str = "signatory") -> str:
        known = self._tokens.get((organisation, person))
        if known is None:
            known = self._tokens[organisation, person] = person_token(self.demonstration, organisation, person)
        return known

    def person(self, organisation: str, person: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.demonstration.url, headers=bearer(self.token(organisation, person)), timeout=20
        )

    def made(self, name: str) -> Any:
        """What a command of the guide wrote into a file."""
        return json.loads((self.directory / name).read_text(encoding="utf-8"))

    def addressed(self, organisation: str, role: str, person: str = "ig-lead") -> str:
        """The mailbox at which a body is told in a role, from now on."""
        mailbox = f"{role}@{organisation}.example"
        with self.person(organisation, person) as keeper:
            keeper.post(
                f"/api/v1/organisations/{organisation}/notice-addresses", json={"role": role, "address": mailbox}
            ).raise_for_status()
        return mailbox

    # --- both workers -------------------------------------------------------------------------------------------------

    def everywhere(self, method: str, path: str, *, at_least: int, **sent: Any) -> Any:
        """What both workers say, each once it has the log so far: twelve connections of their own, and one answer."""
        answers = []
        for _ in range(12):
            with self.demonstration.client(POLICE, "checks:ask agreements:read") as fresh:
                answer = fresh.request(method, path, headers={"ISA-Min-Log-Size": str(at_least)}, **sent)
                answers.append(answer.raise_for_status().json())
        for one in answers:
            assert one.pop("register", {}).get("log_size", at_least) >= at_least
            for changing in ("id", "decided_at"):
                one.pop(changing, None)
        assert all(one == answers[0] for one in answers)
        return answers[0]

    def life(self, version: str = NEW, agreement: str = AGREEMENT) -> dict[str, Any]:
        found: dict[str, Any] = self.everywhere(
            "GET", f"/api/v1/agreements/{agreement}/versions/{version}/life", at_least=self.size()
        )
        return found

    def check(self, recipient: str, purpose: str, *categories: str) -> dict[str, Any]:
        """The answer of both workers to the constabulary."""
        question = {**RECORDED, "recipient": recipient, "purpose": purpose, "categories": categories, "record": False}
        found: dict[str, Any] = self.everywhere("POST", "/api/v1/checks", at_least=self.size(), json=question)
        return found

    def size(self) -> int:
        """How many entries the log holds."""
        return int(httpx.get(f"{self.demonstration.url}/readyz", timeout=20).json()["log_size"])

    # --- what people and systems saw ----------------------------------------------------------------------------------

    def letters(self, receiver: str) -> list[str]:
        return [str(one["Subject"]) for one in self.boxes.taken if str(one["To"]) == receiver]

    def told(self, receiver: str, *subjects: str) -> None:
        """Waits until this mailbox has had letters with these subjects, in any order, and no other."""
        end = time.monotonic() + 30
        while Counter(self.letters(receiver)) != Counter(subjects) and time.monotonic() < end:
            time.sleep(0.2)
        assert Counter(self.letters(receiver)) == Counter(subjects)


def sources(answer: dict[str, Any]) -> set[str]:
    """The versions of agreements that an answer rests on or cites."""
    found = {f"{one['agreement']}/{one['version']}" for one in answer["agreements"]}
    cited = {cite.partition("#")[0] for reason in answer["reasons"] for cite in reason["cites"]}
    return found | {one for one in cited if "/" in one}


def codes(answer: dict[str, Any]) -> set[str]:
    return {one["code"] for one in answer["reasons"]}


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Life]:
    """A demonstration of its own, with two workers: what happens in it cannot be undone."""
    # Not pytest's own directory: that is private, and run by root the database's server is another account.
    state = Path(tempfile.mkdtemp(prefix="isa-whole-"))
    state.chmod(0o711)
    with mail_server() as boxes:
        environment = {
            "ISA_MAIL": "smtp", "ISA_MAIL_FROM": "registry@demo.example", "ISA_SMTP_HOST": "127.0.0.1",
            "ISA_SMTP_PORT": str(boxes.port), "ISA_SMTP_SECURITY": "none",
        }  # fmt: skip
        with Demonstration(state / "state", environment=environment) as running:
            yield Life(running, boxes, tmp_path)
    shutil.rmtree(state)


def test_the_whole_life_of_a_version(whole: Life) -> None:
    guide = whole.guide
    unit = whole.addressed(LEAD, "business-unit", "business-unit")
    lead = whole.addressed(LEAD, "ig-lead")
    council, police, harbour, way, icb, silent = (
        whole.addressed(body, "signatory") for body in (LEAD, POLICE, HARBOUR, WAY, ICB, PROBATION)
    )
    before = whole.check(LEAD, "crime-prevention", "identity", "finance")
    assert (f"{AGREEMENT}/{OLD}" in sources(before), "category-not-covered" in codes(before)) == (True, True)
    with_icb = whole.check(ICB, "crime-prevention", "identity", "locations")
    assert ("agreement-covers" in codes(with_icb), f"{AGREEMENT}/{OLD}" in sources(with_icb)) == (True, True)

    # --- published by two ---
    guide.run("1. Write it")
    draft = whole.made("begun.json")["draft"]["id"]
    with whole.person(LEAD, "business-unit") as one:
        own = {name: whole.made("begun.json")["draft"][name] for name in ("text_sha256", "schedule_sha256")}
        assert one.post(f"/api/v1/agreement-drafts/{draft}/check", json=own).status_code == 403
        assert one.post(f"/api/v1/agreements/{AGREEMENT}/versions", json={"draft": draft, **own}).is_client_error
    guide.run("2. A second person checks it")
    guide.run("3. Publish it")
    assert (whole.life()["state"], whole.life()["n"]) == ("published", 0)
    compared = guide.run("4. See what is different")
    for said in ("new 10.21", "gone 18.3", "moved 14.3", "changed 9.3"):
        assert said in compared, compared
    assert "finance" in compared.lower()
    assert whole.check(LEAD, "crime-prevention", "identity", "finance") == before

    # --- open ---
    guide.run("5. Open it")
    opened = whole.life()
    assert (opened["state"], opened["n"], opened["m"]) == ("open", 0, 9)
    assert opened["rule"] == {"on": TODAY, "quorum": 3, "bodies": [LEAD, POLICE]}

    # --- two sign, one asks, one declines: not in force yet ---
    guide.run("6. Bodies sign", 0, SIGNATORY=whole.token(LEAD))
    council_made = whole.made("attested.json")
    private, _ = new_signing_key("police-signatory-4")
    (whole.directory / "signatory.jwk").write_text(json.dumps(private), encoding="ascii")
    guide.run("6. Bodies sign", 1, SIGNATORY=whole.token(POLICE), ISA_ORGANISATION=POLICE)
    police_made = whole.made("attested.json")
    assert (council_made["organisation"], police_made["organisation"]) == (LEAD, POLICE)
    assert (whole.life()["state"], whole.life()["n"]) == ("open", 2)
    guide.run("7. Answer what bodies ask", 0, SIGNATORY=whole.token(WAY))
    guide.run("7. Answer what bodies ask", 1)
    with whole.person(HARBOUR, "signatory") as other, whole.person(WAY, "signatory") as asker:
        (question,) = other.get(f"{VERSION}/queries").raise_for_status().json()["queries"]
        assert (question["organisation"], question["clause"], question["answer"], question["answer_clause"]) == (
            WAY, "13.7", "see-clause", "13.1",
        )  # fmt: skip
        settlement = f"{VERSION}/queries/{question['id']}/settlement"
        assert other.post(settlement, json={}).status_code == 404
        assert asker.post(settlement, json={}).raise_for_status().json()["state"] == "settled"
    guide.run("8. Some decline", SIGNATORY=whole.token(ICB))
    assert whole.check(LEAD, "crime-prevention", "identity", "finance") == before
    assert whole.check(ICB, "crime-prevention", "identity", "locations") == with_icb

    # --- who has signed ---
    shown = guide.run("9. See who has signed, and chase")
    assert '"n": 2' in shown
    assert states(whole, NEW) == {
        LEAD: "re-attested", POLICE: "re-attested", WAY: "viewed", ICB: "declined", HARBOUR: "invited",
        "aycliffe-secure-centre": "by-parent", **dict.fromkeys(SILENT, "invited"),
    }  # fmt: skip

    # --- the third, in a browser: what the rule asks for ---
    attest_in_a_browser(whole)
    in_force = whole.life()
    assert (in_force["state"], in_force["n"], sorted(in_force["signed"])) == (
        "in-force", 3, sorted((LEAD, POLICE, HARBOUR)),
    )  # fmt: skip
    assert whole.life(OLD)["state"] == "superseded"
    shown = guide.run("10. It comes into force")
    assert '"superseded"' in shown
    assert set(shown.partition('"superseded"')[2].split()) == {*SILENT, WAY}
    after = whole.check(LEAD, "crime-prevention", "identity", "finance")
    assert f"{AGREEMENT}/{NEW}" in sources(after)
    assert f"{AGREEMENT}/{OLD}" not in sources(after)
    assert "category-not-covered" not in codes(after)
    without = whole.check(ICB, "crime-prevention", "identity", "locations")
    assert "agreement-covers" not in codes(without)
    assert f"{AGREEMENT}/{OLD}" not in sources(without)

    # --- what it rests on ends ---
    shown = guide.run("11. The agreement beneath it ends")
    beneath = whole.life()["beneath"]
    assert (beneath["lapsed"], sorted(beneath["affected"])) == (True, sorted((LEAD, POLICE, HARBOUR)))
    assert whole.life()["state"] == "in-force"
    assert whole.life("1.0", "tier-1")["state"] == "withdrawn"
    lapsed = whole.check(LEAD, "crime-prevention", "identity", "finance")
    assert "agreement-covers" not in codes(lapsed)
    print(json.dumps(lapsed, indent=1)[:1500])

    # --- proofs, and the whole log ---
    (whole.directory / "attested.json").write_text(json.dumps(council_made), encoding="utf-8")
    assert f"entry {council_made['entry']}" in guide.run(
        "12. Prove it to somebody who trusts nobody", SIGNATORY=whole.token(LEAD)
    ) or True
    assert guide.left == []
    for name in sorted({str(one["To"]) for one in whole.boxes.taken}):
        print(name, whole.letters(name))


def states(whole: Life, version: str) -> dict[str, str]:
    """The state of each party in the matrix, as the guide's table for a spreadsheet has it."""
    with (whole.directory / "matrix.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(StringIO(file.read())))
    return {one["organisation"]: one["state"] for one in rows if one["version"] == version and one["state"] != "none"}


def attest_in_a_browser(whole: Life) -> None:
    if CHROMIUM is None:
        pytest.skip(f"{LOUD}there is no Chromium, so nobody signed in one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            page = chromium.new_context(base_url=whole.demonstration.url).new_page()
            page.goto(f"/account/attestations/{AGREEMENT}/{NEW}")
            page.fill("#q", "harbour")
            page.get_by_role("button", name="Search").click()
            page.get_by_label("Harbour Domestic Abuse Service").check()
            page.get_by_role("button", name="Continue").click()
            page.wait_for_url("**/demo/idp/**")
            page.get_by_role("link", name="Signatory").click()
            page.wait_for_url(f"**/account/attestations/{AGREEMENT}/{NEW}")
            page.get_by_role("button", name="Sign it for your organisation").click()
            page.get_by_label("Chair of trustees").check()
            page.locator("[name=ref]").fill("TRUSTEE-1")
            page.locator("[name=authority][value=board-resolution]").check()
            page.locator("[name=authority_reference]").fill("MINUTE-2026-11")
            page.get_by_role("button", name="Look at what is signed").click()
            page.get_by_role("button", name="Sign it").click()
            assert "Certificate of attestation" in page.locator("h1").inner_text()
        finally:
            chromium.close()
