"""A partnership at work on a demonstration of its own: its people, its bodies, both workers, and its letters."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from api.speaking import bearer, person_token
from guided import Guide
from isa_registry.domain.dates import london_date
from live import LEAD, POLICE, Demonstration
from next_version import AGREEMENT, NEW, write_next
from notices.mailboxes import Mailboxes

ICB, HARBOUR, WAY, PROBATION = "nenc-icb", "harbour", "way-through", "probation-north-east"
TODAY = london_date(datetime.now(UTC))
VERSION = f"/api/v1/agreements/{AGREEMENT}/versions/{NEW}"
SILENT = ("harrogate-district-nhs-ft", "county-durham-darlington-nhs-ft", "tees-esk-wear-valleys-nhs-ft", PROBATION)
"""Bodies that signed 1.0, and say nothing of 1.1."""
ONLY_TIER_1 = ("cafcass", "county-durham-darlington-fire", "durham-community-action")
SIGNED = {LEAD, POLICE, HARBOUR}
ASKED = {
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
        with self.demonstration.client(POLICE, "checks:ask agreements:read") as client:
            headers = {"ISA-Min-Log-Size": str(at_least), "Connection": "close"}
            answers = [
                client.request(method, path, headers=headers, **sent).raise_for_status().json() for _ in range(12)
            ]
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
        question = {**ASKED, "recipient": recipient, "purpose": purpose, "categories": categories, "record": False}
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
        had, due = Counter(self.letters(receiver)), Counter(subjects)
        assert had == due, f"{receiver} was not told {due - had}, and was told {had - due}"


def sources(answer: dict[str, Any]) -> set[str]:
    """The versions of agreements that an answer rests on or cites."""
    found = {f"{one['agreement']}/{one['version']}" for one in answer["agreements"]}
    cited = {cite.partition("#")[0] for reason in answer["reasons"] for cite in reason["cites"]}
    return found | {one for one in cited if "/" in one}


def codes(answer: dict[str, Any]) -> set[str]:
    return {one["code"] for one in answer["reasons"]}


class Subjects:
    """What the letters of this life say, by their subjects."""

    def __init__(self, whole: Life) -> None:
        with whole.demonstration.client(POLICE) as client:
            bodies = client.get("/api/v1/organisations").raise_for_status().json()["organisations"]
            titles = {
                agreement: client.get(f"/api/v1/agreements/{agreement}").raise_for_status().json()["title"]
                for agreement in (AGREEMENT, "tier-1")
            }
        self.names = {one["organisation"]: one["name"] for one in bodies}
        tier_2, day = titles[AGREEMENT], f"{int(TODAY[8:])} {date.fromisoformat(TODAY):%B %Y}"
        version = f"{tier_2}, version {NEW}"
        self.draft, self.asked = f"A draft of {tier_2} waits for its check", f"Please attest {version}"
        self.question, self.answer = f"A question about {version}", f"An answer about {version}"
        self.declined = f"{self.names[ICB]} declines {version}"
        self.made = {body: f"{self.names[body]} attested {version}" for body in (LEAD, HARBOUR)}
        self.in_force = f"{version}: in force from {day}"
        self.stale = f"{tier_2}: a newer version is in force from {day}"
        self.ends = (
            f"{titles['tier-1']}, version 1.0: withdrawn from {day}",
            f"{version}: what it rests on has lapsed",
        )
