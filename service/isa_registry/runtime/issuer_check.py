"""The self-test of an issuer, as a command and a page run it: what it publishes, and a sample token, looked at from
here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.roles import SCOPES
from isa_registry.identity.findings import Finding, finding
from isa_registry.identity.issuer_checks import (
    check_caching,
    check_clock,
    check_discovery,
    check_key_set,
    check_registration,
    check_sign_in,
)
from isa_registry.identity.issuers import discovery_url, oauth_discovery_url, usable_keys
from isa_registry.identity.token_checks import Granted, KeySet, check_token
from isa_registry.outbound.fetching import OutboundError
from isa_verify.encoding import JsonValue


class Fetched(Protocol):
    """What `Fetcher.fetch_json` gives."""

    @property
    def document(self) -> dict[str, JsonValue]: ...
    @property
    def max_age(self) -> float | None: ...
    @property
    def sent_at(self) -> float | None: ...


FetchJson = Callable[[str], Awaitable[Fetched]]
"""Raises `OutboundError`."""


class IssuerReport(Struct, frozen=True):
    """What was found, in the order in which it was looked at. `passed`: nothing is wrong; something may be doubtful."""

    issuer: str
    organisation: str
    profile: str
    passed: bool
    findings: tuple[Finding, ...]


async def check_issuer(
    use: Issuer,
    fetch_json: FetchJson,
    clock: Callable[[], float],
    *,
    demonstration: bool,
    token: str | None = None,
    granted: Granted | None = None,
) -> IssuerReport:
    """Looks at an issuer as it is, or is to be, registered, and at an access token of it if one is given.

    Where `use` has a `sign_in`, at what people's signing in needs too. `granted` gives the scopes that a machine client
    of the organisation was granted; None where nobody knows. Never raises for what the issuer does.
    """
    found = list(check_registration(use, demonstration=demonstration))
    if all(one.code != "address-wrong" for one in found):
        found += await _published(use, fetch_json, clock, token, granted)
    return IssuerReport(
        issuer=use.issuer,
        organisation=use.organisation,
        profile=use.profile,
        passed=all(one.level != "wrong" for one in found),
        findings=tuple(found),
    )


async def _published(
    use: Issuer, fetch_json: FetchJson, clock: Callable[[], float], token: str | None, granted: Granted | None
) -> list[Finding]:
    found: list[Finding] = []
    keys = KeySet(keys={}, sole=None)
    try:
        discovery, oauth_only = await _discover(use.issuer, fetch_json)
    except OutboundError as error:
        return [finding(f"discovery-{error.code}")]
    if oauth_only:
        found.append(finding("discovery-oauth-only"))
    found += check_discovery(use, discovery.document)
    address = discovery.document.get("jwks_uri")
    if isinstance(address, str) and all(one.code != "key-set-address-wrong" for one in found):
        try:
            fetched = await fetch_json(address)
        except OutboundError as error:
            found.append(finding(f"key-set-{error.code}"))
        else:
            key_findings = list(check_key_set(use, fetched.document))
            found += [*key_findings, check_caching(fetched.max_age)]
            if all(one.code != "keys-malformed" for one in key_findings):
                keys = KeySet(*usable_keys(fetched.document))
    now = clock()
    found.append(check_clock(discovery.sent_at, now))
    if use.sign_in is not None:
        found += check_sign_in(use, use.sign_in, discovery.document)
    if token is not None:
        found += check_token(token, use, keys, known_scopes=SCOPES, granted=granted, now=now)
    return found


async def _discover(issuer: str, fetch_json: FetchJson) -> tuple[Fetched, bool]:
    """The discovery document, and whether it is RFC 8414's for want of OpenID's."""
    try:
        return await fetch_json(discovery_url(issuer)), False
    except OutboundError as error:
        if error.code != "status-refused":
            raise
        try:
            return await fetch_json(oauth_discovery_url(issuer)), True
        except OutboundError:
            raise error from None


def grants_in(view: RegisterView, organisation: str) -> Granted:
    """What the register at `view` grants to an organisation's clients."""

    def granted(client: str) -> Collection[str]:
        found = view.client(organisation, client)
        return () if found is None else found.scopes

    return granted
