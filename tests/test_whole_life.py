"""The whole life of a version, as docs/guides/business-unit.md tells it: every command of the guide is run as it is
printed, a body signs in a browser, and after each step both workers are asked what they make of it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from isa_registry.identity.signing import new_signing_key
from live import LEAD, POLICE, Demonstration
from next_version import AGREEMENT, NEW, OLD
from notices.mailboxes import mail_server
from places import server_directory
from whole_life import (
    ASKED,
    HARBOUR,
    ICB,
    ONLY_TIER_1,
    PROBATION,
    SIGNED,
    SILENT,
    TODAY,
    VERSION,
    WAY,
    Life,
    Subjects,
    codes,
    sources,
)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Life]:
    """A demonstration of its own, with two workers: what happens in it cannot be undone."""
    # Not pytest's own directory: that is private, and run by root the database's server is another account.
    with server_directory("isa-whole-") as state, mail_server() as boxes:
        environment = {
            "ISA_MAIL": "smtp", "ISA_MAIL_FROM": "registry@demo.example", "ISA_SMTP_HOST": "127.0.0.1",
            "ISA_SMTP_PORT": str(boxes.port), "ISA_SMTP_SECURITY": "none",
        }  # fmt: skip
        with Demonstration(state / "state", environment=environment) as running:
            yield Life(running, boxes, tmp_path)


def test_the_whole_life_of_a_version(whole: Life) -> None:
    guide = whole.guide
    mailboxes = {
        name: whole.addressed(body, role, person)
        for name, body, role, person in (
            ("unit", LEAD, "business-unit", "business-unit"),
            ("lead", LEAD, "ig-lead", "ig-lead"),
            *((body, body, "signatory", "ig-lead") for body in (LEAD, POLICE, HARBOUR, WAY, ICB, PROBATION)),
        )
    }
    before = whole.check(LEAD, "crime-prevention", "identity", "finance")
    assert (f"{AGREEMENT}/{OLD}" in sources(before), "category-not-covered" in codes(before)) == (True, True)
    others = {body: whole.check(body, "crime-prevention", "identity", "locations") for body in (ICB, HARBOUR)}
    for one in others.values():
        assert ("agreement-covers" in codes(one), f"{AGREEMENT}/{OLD}" in sources(one)) == (True, True)

    # --- published by two ---
    guide.run("1. Write it")
    draft = whole.made("begun.json")["draft"]
    with whole.person(LEAD, "business-unit") as one:
        own = {name: draft[name] for name in ("text_sha256", "schedule_sha256")}
        alone = one.post(f"/api/v1/agreement-drafts/{draft['id']}/check", json=own)
        unchecked = one.post(f"/api/v1/agreements/{AGREEMENT}/versions", json={"draft": draft["id"], **own})
        assert (alone.status_code, unchecked.status_code) == (403, 403)
    guide.run("2. A second person checks it")
    guide.run("3. Publish it")
    assert (whole.life()["state"], whole.life()["n"]) == ("published", 0)
    guide.run("3. Publish it", 1)
    companions = f"/api/v1/agreements/{AGREEMENT}/versions/{NEW}/companions"
    beside = whole.everywhere("GET", companions, at_least=whole.size())["companions"]
    assert [(one["companion"], one["language"]) for one in beside] == [("summary", "en")]
    compared = guide.run("4. See what is different")
    for said in ("new 10.21", "gone 18.3", "moved 14.3", "changed 9.3", "finance"):
        assert said in compared.lower()
    assert whole.check(LEAD, "crime-prevention", "identity", "finance") == before

    # --- open ---
    guide.run("5. Open it")
    opened = whole.life()
    assert (opened["state"], opened["n"], opened["m"]) == ("open", 0, 9)
    assert opened["rule"] == {"on": TODAY, "quorum": 3, "bodies": [LEAD, POLICE]}

    says = Subjects(whole)
    for body in (LEAD, POLICE, HARBOUR, WAY, ICB, PROBATION):
        # Whoever signs before the letter is written is not asked any more.
        whole.told(mailboxes[body], says.asked)

    # --- two sign, one asks, one declines: not in force yet ---
    guide.run("6. Bodies sign", 0, SIGNATORY=whole.token(LEAD))
    private, _ = new_signing_key("police-signatory-4")
    (whole.directory / "signatory.jwk").write_text(json.dumps(private), encoding="ascii")
    assert "Attested." in guide.run("6. Bodies sign", 1, SIGNATORY=whole.token(POLICE), ISA_ORGANISATION=POLICE)
    assert (whole.life()["state"], whole.life()["n"]) == ("open", 2)
    guide.run("7. Answer what bodies ask", 0, SIGNATORY=whole.token(WAY))
    guide.run("7. Answer what bodies ask", 1)
    everybody_sees_the_answer_and_the_asker_settles_it(whole)
    guide.run("8. Some decline", SIGNATORY=whole.token(ICB))
    assert whole.check(LEAD, "crime-prevention", "identity", "finance") == before
    assert {body: whole.check(body, "crime-prevention", "identity", "locations") for body in others} == others

    # --- who has signed ---
    assert '"n": 2' in guide.run("9. See who has signed, and chase")
    assert states(whole) == {
        LEAD: "re-attested", POLICE: "re-attested", WAY: "viewed", ICB: "declined", HARBOUR: "invited",
        "aycliffe-secure-centre": "by-parent", **dict.fromkeys(SILENT, "invited"),
    }  # fmt: skip

    # Others hear of it who have signed by then: the third has not.
    whole.told(mailboxes[POLICE], says.asked, says.question, says.answer, says.declined)

    # --- the third, in a browser, is what the rule asks for ---
    attest_in_a_browser(whole)
    in_force = whole.life()
    assert (in_force["state"], in_force["n"], set(in_force["signed"])) == ("in-force", 3, SIGNED)
    assert whole.life(OLD)["state"] == "superseded"
    shown = guide.run("10. It comes into force")
    assert set(shown.partition('"superseded"')[2].split()) == {*SILENT, WAY}
    after = whole.check(LEAD, "crime-prevention", "identity", "finance")
    assert ("agreement-covers" in codes(after), "category-not-covered" in codes(after)) == (True, False)
    with_harbour = whole.check(HARBOUR, "crime-prevention", "identity", "locations")
    assert "agreement-covers" in codes(with_harbour)
    assert "agreement-covers" not in codes(whole.check(ICB, "crime-prevention", "identity", "locations"))
    for answer in (after, with_harbour):
        assert f"{AGREEMENT}/{NEW}" in sources(answer)
        assert f"{AGREEMENT}/{OLD}" not in sources(answer)

    # --- what it rests on ends ---
    guide.run("11. The agreement beneath it ends")
    assert whole.life("1.0", "tier-1")["state"] == "withdrawn"
    left = whole.life()
    assert (left["state"], left["beneath"]["lapsed"], set(left["beneath"]["affected"])) == ("in-force", True, SIGNED)
    with_harbour = whole.check(HARBOUR, "crime-prevention", "identity", "locations")
    assert ("agreement-covers" in codes(with_harbour), "tier-1-lapsed" in codes(with_harbour)) == (False, True)

    # --- proofs, the whole log, and who was told ---
    proved = guide.run("12. Prove it to somebody who trusts nobody", SIGNATORY=whole.token(LEAD))
    assert whole.made("version.json")["version"]["text_sha256"] in proved
    assert guide.left == [], "a test runs every command of the guide"
    the_log_is_whole(whole)
    everybody_was_told_once(whole, mailboxes, says)


def everybody_sees_the_answer_and_the_asker_settles_it(whole: Life) -> None:
    with whole.person(HARBOUR, "signatory") as other, whole.person(WAY, "signatory") as asker:
        (question,) = other.get(f"{VERSION}/queries").raise_for_status().json()["queries"]
        said = {name: question[name] for name in ("organisation", "clause", "answer", "answer_clause")}
        assert said == {"organisation": WAY, "clause": "13.7", "answer": "see-clause", "answer_clause": "13.1"}
        settlement = f"{VERSION}/queries/{question['id']}/settlement"
        assert other.post(settlement, json={}).status_code == 404
        assert asker.post(settlement, json={}).raise_for_status().json()["state"] == "settled"


def the_log_is_whole(whole: Life) -> None:
    """Beside the running registry: nothing is amiss in its database, and recorded answers can be given anew from the
    evidence alone."""
    with whole.demonstration.client(POLICE) as police:
        recorded = police.post(
            "/api/v1/checks",
            json={**ASKED, "recipient": HARBOUR, "purpose": "crime-prevention", "categories": ["identity"]},
        )
        police.get(recorded.raise_for_status().json()["receipt"]).raise_for_status()
    state, bundle = ("--state", whole.demonstration.state), whole.directory / "whole.isa-evidence.jsonl"
    run("fsck", *state, "--signatures")
    run("export", bundle, *state, "--reason", "audit")
    keys = [word for vkey in whole.demonstration.vkeys for word in ("--vkey", vkey)]
    assert "1" in run("replay", bundle, "--all", *keys)


def run(*arguments: object) -> str:
    command = [sys.executable, "-m", "isa_registry", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
    return done.stdout


def everybody_was_told_once(whole: Life, mailboxes: dict[str, str], says: Subjects) -> None:
    unreachable = {*SILENT, POLICE, *ONLY_TIER_1} - {PROBATION}
    whole.told(
        mailboxes["unit"], says.draft, says.question, says.declined, says.in_force, *says.ends,
        *(f"Nobody could be told at {says.names[body]}" for body in unreachable),
    )  # fmt: skip
    whole.told(mailboxes["lead"], says.made[LEAD])
    signed = (says.question, says.answer, says.declined, says.in_force, *says.ends)
    whole.told(mailboxes[LEAD], says.asked, says.made[LEAD], *signed)
    whole.told(mailboxes[POLICE], says.asked, *signed)
    whole.told(mailboxes[HARBOUR], says.asked, says.made[HARBOUR], says.in_force, *says.ends)
    whole.told(mailboxes[WAY], says.asked, says.answer, says.in_force, says.stale, *says.ends)
    for body in (ICB, PROBATION):
        whole.told(mailboxes[body], says.asked, says.in_force, says.stale, *says.ends)
    assert set(whole.boxes.receivers) == set(mailboxes.values())


def states(whole: Life) -> dict[str, str]:
    """Each body that has to do with 1.1, in its state, as the guide's table for a spreadsheet has it."""
    with (whole.directory / "matrix.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(StringIO(file.read())))
    return {one["organisation"]: one["state"] for one in rows if one["version"] == NEW and one["state"] != "none"}


def attest_in_a_browser(whole: Life) -> None:
    if CHROMIUM is None:
        # tests/browser says aloud that no page was looked at; the rest of this life is worth going on with.
        whole.guide.run("6. Bodies sign", 0, SIGNATORY=whole.token(HARBOUR))
        return
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
