"""On pages too, what is another organisation's is as if it were not there; driven by the access table."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from api.speaking import bearer, new_id, person_token
from isa_registry.api.access import ACCESS
from isa_registry.domain.dates import london_date
from isa_registry.domain.verifying import Point
from live import LEAD, POLICE, Demonstration
from marking import digest
from people.deciding import HELD, asked, decide
from people.test_consents import recorded, reference
from people.test_members import PEOPLE, revocations
from people.visiting import Browser
from versions import schedule_of, words_of

OPEN = {"agreement", "version", "decision", "attestation", "question", "provision", "kind", "purpose"}
"""Parameters of what every body of the registry may see: agreements, who attested them, what was asked, the law."""

ROUTES = sorted(
    route
    for route, terms in ACCESS.items()
    if terms.session
    and set(re.findall(r"\{(\w+)\}", route[1])) - OPEN
    and route != ("GET", "/organisations/{organisation}")  # every partner's
)


@pytest.fixture(scope="module")
def pairs(demonstration: Demonstration) -> dict[str, tuple[str, str]]:
    """For each parameter, what another organisation has, and what nobody has."""
    with Browser(demonstration) as council:
        council.sign_in(LEAD, "ig-lead")
        (role,) = revocations(council.get(PEOPLE).text, "practitioner")
    wanted = {"issuer": f"{demonstration.url}/demo/idp/{LEAD}", "subject": f"auditor-{new_id()}", "role": "auditor"}
    proposal = httpx.post(
        f"{demonstration.url}/api/v1/organisations/{LEAD}/members",
        json={**wanted, "until": london_date(datetime.now(UTC) + timedelta(days=90))},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
    ).json()["id"]
    delegation = httpx.post(
        f"{demonstration.url}/api/v1/organisations/{LEAD}/delegations",
        json={"starts": "2099-01-01", "until": "2099-12-31", "ref": f"POST-{new_id()}"},
        headers=bearer(person_token(demonstration, LEAD, "ig-lead")),
    ).json()["delegation"]
    invited = httpx.post(
        f"{demonstration.url}/api/v1/organisations/invitations",
        json={"organisation": f"invited-{new_id()}", "name": "Invited", "kind": "maintained-school"},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
    ).json()["id"]
    draft = httpx.post(
        f"{demonstration.url}/api/v1/agreement-drafts",
        json={"text": words_of(version="8.1").decode(), "schedule": json.loads(schedule_of(version="8.1"))},
        headers=bearer(person_token(demonstration, LEAD, "business-unit")),
    ).json()["draft"]["id"]
    with demonstration.client(LEAD) as council:
        records = council.get(f"/api/v1/organisations/{LEAD}/lawful-bases").raise_for_status().json()
    point = Point(provision="ca-1989-s17")
    law = {"source": "LEGAL-2026/114", "checked_on": london_date(datetime.now(UTC)), "profession": "solicitor"}
    verification = httpx.post(
        f"{demonstration.url}/api/v1/law/verifications",
        json={**law, "provision": point.provision, "sha256": digest(point)},
        headers=bearer(person_token(demonstration, LEAD, "ig-lead")),
    ).json()["id"]
    return {
        "consent": (_consent(demonstration), "cns_" + "0" * 12 + "7" + "0" * 3 + "8" + "0" * 15),
        "check": (_check(demonstration), "chk_" + "0" * 12 + "7" + "0" * 3 + "8" + "0" * 15),
        "event": (_event(demonstration), "01999c3e-7c00-7000-8000-000000000001"),
        "record": (records["lawful_bases"][0]["record"], f"lb_{'0' * 32}"),
        "verification": (verification, "vfy_" + "0" * 32),
        "draft": (draft, "agd_" + "0" * 32),
        "entry": (role.split("/")[3], str(10**9)),
        "index": (_index(demonstration), str(10**9)),
        "kid": (f"{LEAD}-1", "no-such-key"),
        **_told(demonstration),
        "challenge": (_challenge(demonstration), "chl_" + "0" * 32),
        "proposal": (proposal, "prp_" + "0" * 32),
        "organisation": (LEAD, "nobody-here"),
        "delegation": (delegation, "dlg_" + "0" * 32),
        "invitation": (invited, "inv_" + "0" * 32),
    }


def _consent(demonstration: Demonstration) -> str:
    """A consent of the council's."""
    with Browser(demonstration) as council:
        council.sign_in(LEAD, "practitioner")
        return recorded(council, reference()).rpartition("/")[2]


def _check(demonstration: Demonstration) -> str:
    """A recorded check of the council's."""
    asked = {"recipient": POLICE, "purpose": "early-help", "categories": ["identity"]}
    headers = bearer(person_token(demonstration, LEAD, "practitioner"))
    answer = httpx.post(f"{demonstration.url}/api/v1/checks", json=asked, headers=headers)
    return str(answer.raise_for_status().json()["id"])


def _index(demonstration: Demonstration) -> str:
    """The entry of a check of the council's."""
    headers = bearer(person_token(demonstration, LEAD, "practitioner"))
    receipt = f"{demonstration.url}/api/v1/checks/{_check(demonstration)}/receipt"
    leaf = httpx.get(receipt, headers=headers).raise_for_status().json()["leaf"]
    return str(json.loads(base64.b64decode(leaf))["seq"])


def _event(demonstration: Demonstration) -> str:
    """A decision of the council's that is shown to nobody else."""
    with Browser(demonstration) as council:
        council.sign_in(LEAD, "practitioner")
        address = asked(council, recipient="harbour")
        return decide(council, address, **HELD).partition("?")[0].rpartition("/")[2]


def _challenge(demonstration: Demonstration) -> str:
    """A challenge of the council's with a body that is not the one that asks."""
    sent = {
        "other": "cafcass",
        "about": {"kind": "request", "id": f"REQ-{new_id()}"},
        "ground": "not-answered",
        "raised_by": {"role": "social-worker", "ref": "STAFF-17"},
    }
    headers = bearer(person_token(demonstration, LEAD, "practitioner"))
    answer = httpx.post(f"{demonstration.url}/api/v1/challenges", json=sent, headers=headers)
    return str(answer.raise_for_status().json()["id"])


def _told(demonstration: Demonstration) -> dict[str, tuple[str, str]]:
    """An address and a webhook of the council's; deliveries are the business unit's alone."""
    headers = bearer(person_token(demonstration, LEAD, "ig-lead"))
    at = f"{demonstration.url}/api/v1/organisations/{LEAD}"
    sent = {"role": "signatory", "address": f"signatory-{new_id()[:8]}@council.test"}
    address = httpx.post(f"{at}/notice-addresses", json=sent, headers=headers).json()["id"]
    hooked = {"url": f"https://hooks.council.example/{new_id()}", "kinds": ["agreement.opened"]}
    webhook = httpx.post(f"{at}/webhooks", json=hooked, headers=headers).json()["id"]
    return {
        "address": (address, f"nad_{'0' * 32}"),
        "webhook": (webhook, f"whk_{'0' * 32}"),
        "delivery": (f"ntd_{'1' * 32}", f"ntd_{'0' * 32}"),
    }


@pytest.mark.parametrize(("method", "template"), ROUTES, ids=[" ".join(route) for route in ROUTES])
def test_what_is_anothers_is_as_if_it_were_not_there(
    browser: Browser, pairs: dict[str, tuple[str, str]], method: str, template: str
) -> None:
    browser.sign_in(POLICE, "ig-lead")
    (name,) = re.findall(r"\{(\w+)\}", template)
    form = {"csrf": browser.csrf(), "reason": "ceased", "word": "approve", "sha256": "0" * 64}
    seen = []
    for value in pairs[name]:
        address = template.replace(f"{{{name}}}", value)
        answer = browser.get(address) if method == "GET" else browser.post(address, form)
        assert answer.status_code in (403, 404)
        # The number of the request is new each time.
        seen.append((answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")))
    assert seen[0] == seen[1]
