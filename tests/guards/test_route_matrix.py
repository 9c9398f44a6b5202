"""Every route of the access table, as everybody who may come, over HTTP on the real service: what comes of it is what
the table says. A route that is added is driven without a word here."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from urllib.parse import urlencode, urlsplit

import pytest
from msgspec import Struct

from api.speaking import Database
from guards.callers import ADMITTED, STRANGER, TO_SIGN_IN, everybody, expected
from guards.sessions import TO_SIGN_IN_AGAIN, Sent, code_of_page, expected_of_visitor, visitors
from isa_registry.api.access import ACCESS, Access
from isa_registry.api.access.terms import FORM
from live import POLICE, Demonstration

REFUSALS = {
    "unauthenticated": 401, "invalid-token": 401, "sign-in-too-old": 401, "forbidden": 403, "insufficient-scope": 403,
    "not-your-organisation": 403, "not-signed-in": 401, "forged-request": 403, "misdirected": 421,
    "quota-exceeded": 429, "unsupported-media-type": 415,
}  # fmt: skip
OF_SYSTEMS, OF_PAGES = list(REFUSALS)[:6], ("forbidden", "sign-in-too-old", "not-signed-in", "forged-request")
VALUES = {"agreement": "tier-1", "version": "1.0", "index": "0", "path": "0/000", "code": "forbidden"}
"""What stands for a parameter; where nothing is said, something that is not there."""

TWICE = [(name, value) for name in ("use", "return", "session", "organisation", "logout_token") for value in "ab"]
"""Fields that no form sends twice: whoever is admitted changes nothing."""

Route = tuple[str, str]


class Case(Struct, frozen=True):
    """Somebody who comes to a route, about an organisation where its address names one, and what is to come of it."""

    route: Route
    access: Access
    name: str
    of: str | None
    wanted: str


def cases() -> Iterator[Case]:
    """Whoever comes with a token, or with nothing."""
    callers = list(everybody())
    # A public page looks at no token, so a few who come are enough there.
    few = [callers[0], callers[1], callers[-1]]
    people = [callers[0], callers[1], *(coming for coming in callers if coming.person)]
    for route, access in sorted(ACCESS.items()):
        bodies = (POLICE, STRANGER) if "{organisation}" in route[1] else (None,)
        for coming in few if access.public or access.handshake else people if access.session else callers:
            for of in bodies:
                yield Case(route, access, coming.name, of, expected(route, access, coming, of=of))


def visits() -> Iterator[Case]:
    """Whoever comes with a session."""
    everyone = list(visitors())
    for route, access in sorted(ACCESS.items()):
        of = POLICE if "{organisation}" in route[1] else None
        for visiting in everyone if access.session or access.handshake else everyone[:3]:
            wanted = expected_of_visitor(access, visiting, reads=route[0] == "GET")
            yield Case(route, access, visiting.name, of, wanted)


LEAD_ON = {"/account/attestations/{agreement}/{version}/words": "/agreements/"}
"""Pages that lead whoever is admitted on to another one, and where that is."""


def address(template: str, of: str | None) -> str:
    for name in [part[1:-1] for part in template.split("/") if part.startswith("{")]:
        value = of if name == "organisation" else VALUES.get(name, "nothing-here")
        template = template.replace(f"{{{name}}}", str(value))
    return template


class Visitor:
    """Sends requests over one connection, while it lasts, and remembers nothing of the answers: no cookie of one caller
    is shown by the next. There are thousands of requests, and this takes a fifth of the time of a client that can
    more."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=20)

    def send(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        """The answer. A refusal may come before the body was read, and then the server ends the connection: whoever
        finds that out with the next request, of which nothing was answered, sends it again on a fresh one (RFC 9112
        section 9.3.1)."""
        for last in (False, True):
            try:
                self._connection.request(method, path, content, {"Accept": "*/*", **headers})
                answer = self._connection.getresponse()
                return answer, answer.read()
            except (RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._connection.close()
                if last:
                    raise
        raise AssertionError("sent twice")

    def close(self) -> None:
        self._connection.close()


def outcome(client: Visitor, case: Case, sent: Sent) -> str:
    (method, template), access = case.route, case.access
    headers, fields = sent
    content: bytes | None = None
    form = FORM[0] in access.content_types
    if form:
        # A form of signing out carries two more tokens, so that nobody is signed out.
        pairs = [*fields, *TWICE, *([("csrf", "")] * 2 if access.handshake else [])]
        content = urlencode(pairs).encode()
    elif access.content_types:
        content = b"[]"
    kind = {"Content-Type": FORM[0] if form else access.content_types[0]} if access.content_types else {}
    answer, told = client.send(method, address(template, case.of), content, {**kind, **headers})
    location = str(answer.getheader("location", ""))
    if access.session and answer.status == 303:
        page = location.partition("?")[0]
        if template in LEAD_ON and page.startswith(LEAD_ON[template]):
            return ADMITTED
        return {"/sign-in": TO_SIGN_IN, "/sign-in/again": TO_SIGN_IN_AGAIN}.get(page, f"sent to {page}")
    if answer.status not in REFUSALS.values():
        return ADMITTED if answer.status < 500 else f"status {answer.status}"
    problem = "json" in answer.headers["content-type"]
    code = str(json.loads(told)["type"]).rpartition("/")[2] if problem else code_of_page(told.decode())
    return code if answer.status == REFUSALS.get(code) else f"{answer.status} {code}"


def surprises(
    demonstration: Demonstration, driven: Iterator[Case], sent: dict[str, Sent]
) -> tuple[list[str], Counter[str]]:
    """What came otherwise than the table says, and how often each outcome was wanted."""
    found: list[str] = []
    tried: Counter[str] = Counter()
    with closing(Visitor(demonstration.url)) as client:
        for case in driven:
            came = outcome(client, case, sent[case.name])
            tried[case.wanted] += 1
            if came != case.wanted:
                found.append(
                    f"{' '.join(case.route)} of {case.of} as {case.name}: {case.wanted} by the table, {came} here"
                )
    return found, tried


def test_every_route_answers_everybody_as_the_table_says(demonstration: Demonstration, record_property: object) -> None:
    sent: dict[str, Sent] = {coming.name: (coming.headers(demonstration), []) for coming in everybody()}
    found, tried = surprises(demonstration, cases(), sent)
    assert [] == found
    # Each refusal and each admission was really met, many times.
    assert min(tried[code] for code in (ADMITTED, TO_SIGN_IN, *OF_SYSTEMS)) >= 5
    assert callable(record_property)
    record_property("shown", f"{tried.total()} requests of the route matrix, {len(found)} surprises")


@pytest.fixture(scope="module")
def database(demonstration: Demonstration) -> Iterator[Database]:
    database = Database(demonstration.state)
    yield database
    database.close()


def test_every_route_answers_whoever_shows_a_session_as_the_table_says(
    demonstration: Demonstration, database: Database, record_property: object
) -> None:
    sent = {visiting.name: visiting.sign_in(demonstration, database) for visiting in visitors()}
    found, tried = surprises(demonstration, visits(), sent)
    assert [] == found
    assert min(tried[code] for code in (ADMITTED, TO_SIGN_IN, "unauthenticated", *OF_PAGES)) >= 2
    assert callable(record_property)
    record_property("shown", f"{tried.total()} requests with a session, {len(found)} surprises")


def test_the_table_is_what_the_matrix_is_made_of() -> None:
    assert {case.route for case in cases()} == {case.route for case in visits()} == set(ACCESS)
    names = [one.name for one in (*everybody(), *visitors())]
    assert len(names) == len(set(names))
