"""A person with a browser: forms, cookies, redirections and the page that sends them on, against a running service."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from isa_registry.api.problems import PROBLEMS
from isa_registry.pages.problems import FOR_PEOPLE
from live import POLICE, Demonstration

FORM = re.compile(r"<form\b[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
_FIELD = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r"([a-z-]+)=\"([^\"]*)\"")


ELSEWHERE = httpx.Client(timeout=20, verify=False, limits=httpx.Limits(max_keepalive_connections=0))
"""Without cookies of anybody, on a fresh connection each time: so that every worker is asked sooner or later."""


class Browser:
    """One browser profile. Redirections are answers; `go` follows those within the register."""

    def __init__(self, demonstration: Demonstration) -> None:
        self.base = demonstration.url
        self.client = httpx.Client(base_url=self.base, timeout=20, verify=False)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self.client.cookies)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def go(self, path: str) -> httpx.Response:
        answer = self.client.get(path)
        for _ in range(5):
            if answer.status_code != 303:
                return answer
            answer = self.client.get(answer.headers["location"])
        raise AssertionError("redirected round and round")

    def post(self, path: str, form: dict[str, Any], **headers: str) -> httpx.Response:
        return self.client.post(path, data=form, headers={name.replace("_", "-"): one for name, one in headers.items()})

    def csrf(self, path: str = "/account") -> str:
        return hidden(self.get(path).text, "csrf")

    def begin(self, organisation: str = POLICE, *, return_to: str = "") -> str:
        """Chooses an organisation; the address at its provider."""
        answer = self.post("/sign-in", {"use": slug(self, organisation), "return": return_to})
        assert answer.status_code == 200, answer.text
        return onward(answer)

    def at_provider(self, address: str, person: str = "practitioner") -> str:
        """Chooses a person there; the address of ours that the provider sends the browser to."""
        answer = ELSEWHERE.get(f"{address}&{urlencode({'person': person})}")
        assert answer.status_code == 303, answer.text
        location = answer.headers["location"]
        assert location.startswith(f"{self.base}/auth/")
        return str(location)

    def sign_in(
        self, organisation: str = POLICE, person: str = "practitioner", *, return_to: str = ""
    ) -> httpx.Response:
        """The whole way; the answer to coming back."""
        return self.get(self.at_provider(self.begin(organisation, return_to=return_to), person))

    def step_up(self, person: str, *, return_to: str = "/account") -> httpx.Response:
        answer = self.post("/sign-in/again", {"csrf": self.csrf(), "return": return_to})
        return self.get(self.at_provider(onward(answer), person))


def slug(browser: Browser, organisation: str) -> str:
    """The name of an organisation's callback."""
    issuer = f"{browser.base}/demo/idp/{organisation}"
    return f"{organisation}-{hashlib.sha256(issuer.encode()).hexdigest()[:8]}"


def onward(answer: httpx.Response) -> str:
    """The address that a page sends the browser on to: by header, and by a link for whoever is not sent."""
    wait, _, address = answer.headers["refresh"].partition("; url=")
    assert wait == "0"
    assert address in [unescape(one) for one in re.findall(r"href=\"([^\"]*)\"", answer.text)]
    return str(address)


def refused(answer: httpx.Response, status: int, code: str) -> None:
    """The answer is a page that says in plain words what is wrong, what to do, and where to go in an emergency."""
    kind, words = answer.headers["content-type"].partition(";")[0], FOR_PEOPLE.get(code)
    assert (answer.status_code, kind) == (status, "text/html"), answer.text
    assert f"<h1>{words.title if words else PROBLEMS[code].title}</h1>" in answer.text
    assert "/immediate-danger" in answer.text
    assert answer.headers["x-request-id"] in answer.text


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def hidden(page: str, name: str) -> str:
    """The value of a hidden field that is the same in every form of the page that has it."""
    found = {
        unescape(given["value"])
        for given in (dict(_ATTRIBUTE.findall(field)) for field in _FIELD.findall(page))
        if given.get("name") == name
    }
    assert len(found) == 1, found
    return found.pop()
