"""Keys that an organisation publishes at an address of its own (RFC 7517 section 5): fetched when somebody asks,
compared with what is registered, and never trusted by themselves."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Literal
from urllib.parse import urlsplit

from msgspec import Struct

from isa_registry.domain.access_entries import KeyRegistered
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import SigningKey
from isa_registry.domain.register.signing_keys import valid_at
from isa_registry.identity.compact import KeyUnusableError
from isa_registry.identity.key_material import PRIVATE, registrable
from isa_registry.outbound.fetching import Fetched, OutboundError
from isa_verify.encoding import JsonValue

FetchJson = Callable[[str], Awaitable[Fetched]]
Standing = Literal["registered", "offered", "changed", "withdrawn", "revoked", "private"]

_NUMBER = re.compile(r"[0-9a-fx.:]*[0-9.:]")
MAX_KEYS = 50
MAX_URI = 512
MAX_ADDRESSES = 4
"""An organisation's keys come from one address, or from the last and the next."""

SAYS = {
    "address-refused": "Name an https address of a host on the public internet, without a user, a query or a fragment.",
    "unreachable": "Nothing answers at this address with a certificate that is trusted here.",
    "too-slow": "The address took too long to answer.",
    "status-refused": "The address did not answer 200. Redirects are not followed.",
    "too-large": "What is at this address is too large to be a key set.",
    "not-json": "What is at this address is not one JSON object, sent without compression.",
    "not-a-key-set": f"What is at this address is not a JWK set (RFC 7517) of at most {MAX_KEYS} keys.",
    "kid-absent": "The key set at this address has no key of this kid, or more than one.",
}
"""By code: what is wrong with an address."""


class Published(Struct, frozen=True):
    """What became of one kid between the register and an address. `registered`: the same in both. `offered`: published
    and not registered. `changed`: another key is published under it. `withdrawn`: registered, good now, and published
    no longer. `revoked`: revoked here, and published still. `private`: its private half is published."""

    jwks_uri: str
    kid: str
    standing: Standing


class Compared(Struct, frozen=True):
    """An organisation's addresses looked at: what each kid stands for, and the addresses that gave no key set, with the
    reason's code; `not-asked` for those beyond the first four."""

    keys: tuple[Published, ...]
    unanswered: dict[str, str]


async def key_at(fetch_json: FetchJson, uri: str, kid: str) -> dict[str, str]:
    """The members of the one key with that `kid` at an address, those that are text. Raises `Refused` (`unprocessable`)
    where there is none, with a pointer to `jwks_uri`."""
    try:
        members = await _key_set(fetch_json, uri)
    except _NoKeySet as error:
        raise _refused(error.code) from None
    found = [one for one in members if one.get("kid") == kid]
    if len(found) != 1:
        raise _refused("kid-absent")
    return _texts(found[0])


async def compare(fetch_json: FetchJson, keys: list[SigningKey], now: str) -> Compared:
    """What is published at each address that an organisation's unrevoked keys came from, beside what is registered.

    Nothing follows from it by itself: a new key is registered with a proof, one that is gone is revoked by a person.
    """
    published: list[Published] = []
    unanswered: dict[str, str] = {}
    addresses = sorted({key.registered.jwks_uri for key in keys if not key.revoked and key.registered.jwks_uri})
    asked = addresses[:MAX_ADDRESSES]
    answers = await asyncio.gather(*(_key_set(fetch_json, uri) for uri in asked), return_exceptions=True)
    for uri, answer in zip(asked, answers, strict=True):
        if isinstance(answer, _NoKeySet):
            unanswered[uri] = answer.code
        elif isinstance(answer, BaseException):
            raise answer
        else:
            published += _standings(uri, answer, keys, now)
    unanswered |= dict.fromkeys(addresses[MAX_ADDRESSES:], "not-asked")
    return Compared(keys=tuple(published), unanswered=unanswered)


def _standings(uri: str, members: list[dict[str, JsonValue]], keys: list[SigningKey], now: str) -> list[Published]:
    registered = {key.registered.kid: key for key in keys}
    found: dict[str, Standing] = {}
    for one in members:
        kid = one.get("kid")
        if not isinstance(kid, str) or len(kid) > 64:
            continue
        held = registered.get(kid)
        if PRIVATE & one.keys():
            found[kid] = "private"
        elif held is None:
            found.setdefault(kid, "offered")
        elif not _is_same(one, held.registered):
            found.setdefault(kid, "changed")
        else:
            found.setdefault(kid, "revoked" if held.revoked else "registered")
    for kid, key in registered.items():
        current = not key.revoked and valid_at(key.registered, now)
        if key.registered.jwks_uri == uri and current and kid not in found:
            found[kid] = "withdrawn"
    return [Published(jwks_uri=uri, kid=kid, standing=found[kid]) for kid in sorted(found)]


def _is_same(member: dict[str, JsonValue], key: KeyRegistered) -> bool:
    try:
        return registrable(_texts(member), key.algorithm) == key.jwk
    except (KeyUnusableError, KeyError):
        return False


class _NoKeySet(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def _key_set(fetch_json: FetchJson, uri: str) -> list[dict[str, JsonValue]]:
    if not _is_an_address(uri):
        raise _NoKeySet("address-refused")
    try:
        document = (await fetch_json(uri)).document
    except OutboundError as error:
        raise _NoKeySet(error.code) from None
    members = document.get("keys")
    if not isinstance(members, list) or len(members) > MAX_KEYS:
        raise _NoKeySet("not-a-key-set")
    return [one for one in members if isinstance(one, dict)]


def _is_an_address(uri: str) -> bool:
    """Whether this can be an agency's own address. How it is fetched is the fetcher's to allow.

    The log keeps it for ever, and what follows a question mark can be a secret. A number, or a name without a dot, is
    a machine of the operator's own network, at which nobody else is to point us.
    """
    if len(uri) > MAX_URI or not uri.isascii() or "?" in uri or "#" in uri:
        return False
    try:
        parts = urlsplit(uri)
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    return parts.scheme != "https" or ("." in host and not _NUMBER.fullmatch(host))


def _texts(member: dict[str, JsonValue]) -> dict[str, str]:
    # That there is a private member must show, whatever it holds.
    private = dict.fromkeys(PRIVATE & member.keys(), "")
    return private | {name: value for name, value in member.items() if isinstance(value, str)}


def _refused(code: str) -> Refused:
    detail = SAYS.get(code, "The key set at this address cannot be used.")
    return Refused("unprocessable", "The key cannot be taken from there.", (Fault("#/jwks_uri", code, detail),))
