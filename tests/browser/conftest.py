"""One Chromium for all, and a demonstration for it to look at. Without Chromium nothing here runs, and says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from api.speaking import ALL_SCOPES, Signer, bearer, new_id, person_token
from browser.watching import Visits
from isa_registry.__main__ import main
from isa_registry.domain.catalogue_loading import load_catalogue
from isa_registry.domain.dates import london_date
from isa_registry.domain.verifying import Point
from law_watch.catalogues import directory
from live import LEAD, POLICE, Demonstration
from loudly import LOUD
from marking import digest
from versions import LITTLE_SCHEDULE, LITTLE_WORDS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser of this machine: none is downloaded.

    For one module only: while it is open its event loop runs in this thread, and no other test could have one.
    """
    if CHROMIUM is None:
        pytest.skip(f"{LOUD}there is no Chromium, so no page was looked at in a browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def something_proposed(demonstration: Demonstration) -> None:
    """A proposal of the business unit, to be looked at by both of its people. Other tests may decide what waits."""
    role = {"issuer": f"{demonstration.url}/demo/idp/{LEAD}", "subject": f"somebody-{new_id()}", "role": "auditor"}
    httpx.post(
        f"{demonstration.url}/api/v1/organisations/{LEAD}/members",
        json={**role, "until": london_date(datetime.now(UTC) + timedelta(days=90))},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
        timeout=20,
    ).raise_for_status()


@pytest.fixture(scope="module")
def the_law_changed(demonstration: Demonstration, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Another catalogue: the note behind a provision is different, and with it what a mark on that would name."""
    place = directory(
        tmp_path_factory.mktemp("law") / f"catalogue-{new_id()}", ca_2004_s11={"note": f"Read {new_id()}."}
    )
    sha256 = load_catalogue({one.name: one.read_bytes() for one in place.iterdir()}).sha256
    adopts = ["catalogue", "adopt", str(place), "--sha256", sha256, "--state", str(demonstration.state)]
    # The browser's event loop runs in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        assert elsewhere.submit(main, adopts).result() == 0


@pytest.fixture(scope="module")
def something_delegated(demonstration: Demonstration) -> None:
    """A delegation of the council's to one of its posts, in words that a link has."""
    httpx.post(
        f"{demonstration.url}/api/v1/organisations/{LEAD}/delegations",
        json={"starts": "2099-01-01", "until": "2099-12-31", "ref": "POST-17"},
        headers={**bearer(person_token(demonstration, LEAD, "ig-lead")), "Idempotency-Key": "delegated-to-look-at"},
        timeout=20,
    ).raise_for_status()


@pytest.fixture(scope="module")
def invite(demonstration: Demonstration) -> Callable[[str], str]:
    """Invites a body of this name; the path of its link."""

    def one(name: str) -> str:
        answer = httpx.post(
            f"{demonstration.url}/api/v1/organisations/invitations",
            json={"organisation": f"invited-{new_id()}", "name": name, "kind": "maintained-school"},
            headers=bearer(person_token(demonstration, LEAD, "business-unit")),
            timeout=20,
        )
        return str(answer.raise_for_status().json()["link"].removeprefix(demonstration.url))

    return one


@pytest.fixture(scope="module")
def somebody_answered(demonstration: Demonstration, invite: Callable[[str], str]) -> None:
    """An invitation whose link was filled in."""
    link = invite("Example Invited School")
    told = {"name": "Example Invited School", "sign_in": "shared", "shared_with": LEAD, "subject": "head-1"}
    answer = httpx.post(f"{demonstration.url}{link}", data=told, timeout=20)
    assert answer.status_code == 303, answer.text


@pytest.fixture(scope="module")
def something_drafted(demonstration: Demonstration) -> None:
    """A draft of the business unit's."""
    answer = httpx.post(
        f"{demonstration.url}/api/v1/agreement-drafts",
        json={"text": LITTLE_WORDS, "schedule": LITTLE_SCHEDULE},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
        timeout=20,
    )
    # Another module's browser may have left it there.
    assert answer.status_code in (201, 409), answer.text


@pytest.fixture(scope="module")
def somebody_told(demonstration: Demonstration) -> None:
    """An address at which the lead body is told what must be looked at on the same day."""
    httpx.post(
        f"{demonstration.url}/api/v1/organisations/{LEAD}/notice-addresses",
        json={"role": "safeguarding-lead", "address": "desk@council.example"},
        headers=bearer(person_token(demonstration, LEAD, "ig-lead")),
        timeout=20,
    ).raise_for_status()


@pytest.fixture(scope="module")
def somebody_decided(demonstration: Demonstration) -> None:
    """Two decisions of the police: one that is marked, and one with much to think of before it is given to anybody."""
    signer = Signer(demonstration.state, POLICE)
    facts = {"would_help_recipient": True, "more_detrimental": False}
    risky = signer.event(
        case_record="CMS-BROWSER-1",
        categories=["identity", "health", "education", "family"],
        informed={"family": "no", "reason": "increases-risk"},
        childs_view="objects",
    )
    with demonstration.client(POLICE, ALL_SCOPES) as client:
        for event in (signer.held_back("not-shared", duty=facts), {"event": signer.sign(risky)}):
            client.post("/api/v1/sharing-events", json=event).raise_for_status()


@pytest.fixture(scope="module")
def something_checked(demonstration: Demonstration) -> None:
    """A proposal about the law, of an information-governance lead of the lead body."""
    point = Point(provision="ca-1989-s17")
    law = {"source": "LEGAL-2026/114", "checked_on": london_date(datetime.now(UTC)), "profession": "solicitor"}
    httpx.post(
        f"{demonstration.url}/api/v1/law/verifications",
        json={**law, "provision": point.provision, "sha256": digest(point)},
        headers=bearer(person_token(demonstration, LEAD, "ig-lead")),
        timeout=20,
    ).raise_for_status()


@pytest.fixture(scope="module")
def visits(
    browser: Browser,
    demonstration: Demonstration,
    something_proposed: None,
    somebody_answered: None,
    something_drafted: None,
    something_delegated: None,
    the_law_changed: None,
    somebody_told: None,
    something_checked: None,
    somebody_decided: None,
) -> Iterator[Visits]:
    visits = Visits(browser, demonstration)
    yield visits
    visits.close()


@pytest.fixture
def visit(visits: Visits) -> Iterator[Visits]:
    """Opens a page of the demonstration: `visit("/agreements", width=NARROW, scripts=False)`."""
    yield visits
    visits.leave()
