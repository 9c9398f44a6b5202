"""Raising challenges through the interface, and taking them further."""

from __future__ import annotations

from typing import Any

import httpx

from live import LEAD, POLICE
from serving import Serving

PATH = "/api/v1/challenges"
BY: dict[str, Any] = {"role": "social-worker", "ref": "STAFF-17"}
EVENT = "01999c3e-7c00-7000-8000-000000000001"


def wanted(**changes: Any) -> dict[str, Any]:
    """A challenge by the council to the police, who refused a request."""
    whole = {
        "other": POLICE,
        "about": {"kind": "request", "id": "REQ-2026-118"},
        "ground": "not-shared",
        "raised_by": BY,
        "case_record": "CMS-99",
    }
    return {**whole, **changes}


def step(code: str, **changes: Any) -> dict[str, Any]:
    return {"step": code, "stage": "stage-one", "taken_by": BY, **changes}


def system(served: Serving, organisation: str = LEAD, scope: str = "events:write events:read") -> httpx.AsyncClient:
    return served.client(served.machine(organisation, scope))


async def raised(served: Serving, **changes: Any) -> dict[str, Any]:
    async with system(served) as council:
        answer = await council.post(PATH, json=wanted(**changes))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def taken(served: Serving, organisation: str, challenge: str, sent: dict[str, Any]) -> httpx.Response:
    async with system(served, organisation) as body:
        return await body.post(f"{PATH}/{challenge}/steps", json=sent)
