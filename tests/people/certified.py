"""People who sign in at a provider that others wrote and certified, with the demonstration as the relying party."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from api.speaking import Database
from isa_registry.domain.access_entries import IssuerRegistered, RoleMapping, SignIn
from isa_registry.identity.sign_in_uses import slug_of
from isa_verify.encoding import decode_base64url
from live import Demonstration
from people.visiting import ELSEWHERE, Browser, onward
from provider.running import AUDIENCE, OidcProvider

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "signing-in.md"
AGENCY = "way-through"
CLIENT = "isa-registry"
PRACTITIONER, LEAD, VISITOR = "social-worker-7", "governance-lead-2", "visitor-3"
"""People of the agency; the visitor has no role anywhere."""

ACCOUNTS = {PRACTITIONER: {"groups": "isa-practitioners"}, LEAD: {"groups": "isa-leads"}, VISITOR: {}}


class Agency:
    """The provider as the agency set it up for the registry, and how the registry knows it."""

    def __init__(self, demonstration: Demonstration, provider: OidcProvider) -> None:
        self.demonstration = demonstration
        self.provider = provider

    def use(self, authentication: str = "private_key_jwt") -> IssuerRegistered:
        return IssuerRegistered(
            organisation=AGENCY,
            issuer=self.provider.issuer,
            audiences=(AUDIENCE,),
            algorithms=(self.provider.algorithm,),
            profile="rfc9068",
            sign_in=SignIn(client=CLIENT, authentication=authentication, scopes=("openid", "offline_access")),
            roles_from=(
                RoleMapping("groups", "isa-practitioners", "practitioner"),
                RoleMapping("groups", "isa-leads", "ig-lead"),
            ),
        )

    @property
    def slug(self) -> str:
        return slug_of(self.use())

    def registration(self) -> dict[str, Any]:
        """The registry's client at the provider, word for word as the guide has it."""
        words = GUIDE.read_text(encoding="utf-8").partition("```json")[2].partition("```")[0]
        words = words.replace("https://REGISTRY", self.demonstration.url).replace("SLUG", self.slug)
        return dict(json.loads(words))

    def set_up(self, *, says_when: bool = False, secret: str | None = None) -> None:
        """Registers it; unless `says_when` without having the provider say each time when it saw a person last, which
        few do by themselves."""
        metadata = self.registration() | {"require_auth_time": says_when}
        if secret is not None:
            by_key = ("token_endpoint_auth_signing_alg", "jwks_uri")
            metadata = {name: value for name, value in metadata.items() if name not in by_key}
            metadata |= {"token_endpoint_auth_method": "client_secret_basic", "client_secret": secret}
        self.provider.add_client(metadata.pop("client_id"), **metadata)

    def is_known_to_be_away(self) -> bool:
        """Whether every worker tells people so, instead of sending them there. It is looked at again and again, so by
        so many connections that all of them meeting one worker does not happen."""
        form = {"use": self.slug, "return": ""}
        asked = [ELSEWHERE.post(f"{self.demonstration.url}/sign-in", data=form) for _ in range(24)]
        return {answer.status_code for answer in asked} == {503}


def at_provider(provider: OidcProvider, browser: httpx.Client, address: str, person: str) -> str:
    """Signs in at the provider, as often as it asks; the address that it sends the browser back to."""
    answer = browser.get(address)
    for _ in range(8):
        if answer.is_redirect:
            location = urljoin(str(answer.url), answer.headers["location"])
            if not location.startswith(provider.issuer):
                return location
            answer = browser.get(location)
        else:
            assert answer.status_code == 200, answer.text
            answer = browser.post(answer.url, data={"account": person})
    raise AssertionError("the provider asks on and on")


class Somebody:
    """A person at their own computer: one browser, at the registry and at the provider."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.here = Browser(agency.demonstration)
        self.there = httpx.Client(trust_env=False, timeout=20)

    def close(self) -> None:
        self.here.client.close()
        self.there.close()

    def begin(self, return_to: str = "/account") -> str:
        """Chooses the agency; the address at its provider."""
        return onward(self.here.post("/sign-in", {"use": self.agency.slug, "return": return_to}))

    def begin_again(self) -> str:
        return onward(self.here.post("/sign-in/again", {"csrf": self.here.csrf(), "return": "/account"}))

    def at_provider(self, address: str, person: str) -> str:
        return at_provider(self.agency.provider, self.there, address, person)

    def sign_in(self, person: str) -> httpx.Response:
        """The whole way; the answer to coming back."""
        return self.here.get(self.at_provider(self.begin(), person))

    def step_up(self, person: str) -> httpx.Response:
        return self.here.get(self.at_provider(self.begin_again(), person))

    def sign_out_there(self) -> None:
        """Signs out at the provider, without a word to the registry."""
        question = self.there.get(f"{self.agency.provider.issuer}/session/end")
        xsrf = question.text.partition('name="xsrf" value="')[2].partition('"')[0]
        self.there.post(f"{self.agency.provider.issuer}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})

    @property
    def id_sha256(self) -> bytes:
        return hashlib.sha256(decode_base64url(self.here.cookies["isa-session"])).digest()

    def signed_in(self) -> set[bool]:
        """Whether the session counts, as each of several fresh connections finds it."""
        header = {"Cookie": f"isa-session={self.here.cookies['isa-session']}"}
        asked = [ELSEWHERE.get(f"{self.here.base}/account", headers=header) for _ in range(8)]
        return {answer.status_code == 200 for answer in asked}

    def refresh(self, database: Database) -> None:
        """Uses a session whose refresh is due by now."""
        database.as_owner(
            "UPDATE person_session SET refresh_due_at = now() - interval '1 minute' WHERE id_sha256 = $1",
            self.id_sha256,
        )
        self.here.get("/account")

    def refreshes(self) -> int:
        """How often the provider was asked about this session, and answered."""
        reference = self.id_sha256.hex()[:8]
        lines = [one for one in self.agency.demonstration.output.splitlines() if f'"session":"{reference}"' in one]
        return sum('"event":"refreshed"' in line for line in lines)


def in_time(met: Callable[[], bool], *, seconds: float = 60) -> bool:
    """Whether something comes to pass. How long it takes is the machine's affair."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if met():
            return True
        time.sleep(0.05)
    return False
