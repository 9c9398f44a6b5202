"""Calling the consent register as a body's system does."""

from __future__ import annotations

import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from asking import COUNCIL
from consenting import ANSWER, RENEWAL, WITHDRAWAL
from isa_registry.domain.dates import day_after, london_date
from serving import Serving

CONSENTS = "/api/v1/consents"
TODAY = london_date(datetime.now(UTC))
TOLD = {"recorded_by": {"role": "support-worker", "ref": "STAFF-12"}}
TAKEN_BACK: dict[str, Any] = {name: value for name, value in WITHDRAWAL.items() if name != "answered_at"}
SAID_AGAIN: dict[str, Any] = {
    name: value for name, value in {**RENEWAL, "review_on": day_after(TODAY, 350)}.items() if name != "answered_at"
}


def reference() -> str:
    """A reference that nobody has used."""
    return "s1_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()


def consent(ref: str, answer: str = "given", **changes: Any) -> dict[str, Any]:
    """What somebody answered about this person just now."""
    due = day_after(TODAY, 330)
    whole = {**ANSWER, "review_on": due, "answer": answer, "subject": {"kind": "child", "ref": ref}, **changes}
    whole.pop("answered_at")
    if answer == "refused":
        whole.pop("review_on")
    return whole


def question(*refs: str, **changes: Any) -> dict[str, Any]:
    """Early help by a body that is not public: what consent decides about."""
    return {
        "recipient": COUNCIL,
        "purpose": "early-help",
        "categories": ["identity"],
        "subjects": [{"kind": "child", "ref": ref} for ref in refs],
        "circumstances": {"informing_increases_risk": False},
        **changes,
    }


@asynccontextmanager
async def calling(
    worker: Serving, organisation: str, scope: str = "checks:ask consents:write consents:read", **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    async with worker.client(worker.machine(organisation, scope), **headers) as client:
        yield client


async def record(client: httpx.AsyncClient, ref: str, answer: str = "given", **changes: Any) -> dict[str, Any]:
    answered = await client.post(CONSENTS, json=consent(ref, answer, **changes))
    assert answered.status_code == 201, answered.text
    return dict(answered.json())


async def ask(client: httpx.AsyncClient, *refs: str, **changes: Any) -> dict[str, Any]:
    answered = await client.post("/api/v1/checks", json=question(*refs, **changes))
    assert answered.status_code == 200, answered.text
    return dict(answered.json())
