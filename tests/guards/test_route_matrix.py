"""Every route of the access table, as everybody who may come, over HTTP on the real service: what comes of it is what
the table says. A route that is added is driven without a word here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from guards.callers import ADMITTED, SESSION_COOKIES, STRANGER, Coming, everybody, expected
from isa_registry.api.access import ACCESS, Access
from live import POLICE, Demonstration
from loudly import LOUD

REFUSALS = {
    "unauthenticated": 401, "invalid-token": 401, "sign-in-too-old": 401, "forbidden": 403, "insufficient-scope": 403,
    "not-your-organisation": 403, "misdirected": 421, "quota-exceeded": 429, "unsupported-media-type": 415,
}  # fmt: skip
VALUES = {"agreement": "tier-1", "version": "1.0", "index": "0", "path": "0/000", "code": "forbidden"}
"""What stands for a parameter; where nothing is said, something that is not there."""

Case = tuple[tuple[str, str], Access, Coming, str | None]


def cases() -> Iterator[Case]:
    callers = list(everybody())
    # A public page looks at no token, so a few who come are enough there.
    few = [callers[0], callers[1], callers[-1]]
    for route, access in sorted(ACCESS.items()):
        if access.session:
            continue
        bodies = (POLICE, STRANGER) if "{organisation}" in route[1] else (None,)
        for coming in few if access.public else callers:
            for of in bodies:
                yield route, access, coming, of


def address(template: str, of: str | None) -> str:
    for name in [part[1:-1] for part in template.split("/") if part.startswith("{")]:
        value = of if name == "organisation" else VALUES.get(name, "nothing-here")
        template = template.replace(f"{{{name}}}", str(value))
    return template


def outcome(client: httpx.Client, case: Case, headers: dict[str, str]) -> str:
    (method, template), access, _, of = case
    sent = {"Content-Type": access.content_types[0]} if access.content_types else {}
    # A body that no route takes: whoever is admitted changes nothing.
    content = b"[]" if access.content_types else None
    request = client.build_request(method, address(template, of), content=content, headers={**sent, **headers})
    answer = client.send(request, stream=True)
    try:
        if answer.status_code not in REFUSALS.values():
            return ADMITTED if answer.status_code < 500 else f"status {answer.status_code}"
        answer.read()
        if "json" not in answer.headers["content-type"]:
            return f"status {answer.status_code}"
        code = str(answer.json()["type"]).rpartition("/")[2]
        return code if answer.status_code == REFUSALS.get(code) else f"{answer.status_code} {code}"
    finally:
        answer.close()


def test_every_route_answers_everybody_as_the_table_says(demonstration: Demonstration, record_property: object) -> None:
    tokens = {coming.name: coming.headers(demonstration) for coming in everybody()}
    surprises: list[str] = []
    tried: Counter[str] = Counter()
    with httpx.Client(base_url=demonstration.url, timeout=20) as client:
        for case in cases():
            route, access, coming, of = case
            wanted = expected(route, access, coming, of=of)
            found = outcome(client, case, tokens[coming.name])
            tried[wanted] += 1
            if found != wanted:
                surprises.append(f"{' '.join(route)} of {of} as {coming.name}: {wanted} by the table, {found} here")
    assert [] == surprises
    # Each refusal and each admission was really met, many times.
    assert min(tried[code] for code in (ADMITTED, *list(REFUSALS)[:6])) >= 5
    assert callable(record_property)
    record_property("shown", f"{tried.total()} requests of the route matrix, {len(surprises)} surprises")


def test_the_table_is_what_the_matrix_is_made_of() -> None:
    driven = {case[0] for case in cases()}
    assert driven == {route for route, access in ACCESS.items() if not access.session}
    names = [coming.name for coming in everybody()]
    assert len(names) == len(set(names))


def test_routes_for_sessions_are_driven_too() -> None:
    routes = [" ".join(route) for route, access in ACCESS.items() if access.session]
    if routes and SESSION_COOKIES is None:
        pytest.skip(f"{LOUD} the route matrix has no session to show to {', '.join(routes)}")
