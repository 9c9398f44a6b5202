"""Calls of the interface by whoever decides who belongs."""

from __future__ import annotations

from typing import Any

import httpx

from serving import Serving

GROUP = "darlington-exploitation"


async def call(
    serving: Serving, who: tuple[str, str], method: str, path: str, body: object = None, **headers: str
) -> httpx.Response:
    """One call by a person, by organisation and subject, who signed in just now."""
    async with serving.client(serving.person(*who), **headers) as client:
        return await client.request(method, f"/api/v1{path}", json=body)


async def taken(serving: Serving, who: tuple[str, str], path: str, body: object, **headers: str) -> dict[str, Any]:
    """What is answered to a change that is logged; whoever reads next sees it."""
    answer = await call(serving, who, "POST", path, body, **headers)
    assert answer.status_code == 201, answer.text
    said: dict[str, Any] = answer.json()
    await serving.registry.follower.wait_for_size(said["entry"] + 1, seconds=5)
    return said


async def refused(
    serving: Serving, who: tuple[str, str], path: str, body: object, status: int, code: str, *faults: str
) -> None:
    """The change is refused as a problem, with a pointer to each thing, and nothing is logged."""
    before = serving.registry.follower.view.size
    answer = await call(serving, who, "POST", path, body)
    told = answer.json()
    assert (answer.status_code, told["type"].rpartition("/")[2]) == (status, code), answer.text
    assert [f"{one['pointer']} {one['code']}" for one in told.get("errors", [])] == list(faults), answer.text
    assert serving.registry.follower.view.size == before


async def read(serving: Serving, who: tuple[str, str], path: str) -> dict[str, Any]:
    answer = await call(serving, who, "GET", path)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said
