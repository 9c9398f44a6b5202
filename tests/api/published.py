"""Issuers of every profile whose keys the test holds, published over HTTP on this machine and registered with a running
demonstration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from identity.issuing import Provider
from isa_registry.domain.access_entries import ClientGranted, ClientRevoked, IssuerRegistered, IssuerRemoved, SignIn
from listening import Quiet, listening
from live import Demonstration
from registering import register

AUDIENCE = "urn:isa-registry:published"
TENANT = "11111111-2222-3333-4444-555555555555"
MACHINE = "published-system"
SPLIT = "published-split-system"


class Published:
    """`entra` and `generic` speak for harbour, `split` for harbour or way-through, `cis2` signs people of way-through
    in."""

    def __init__(self, base: str) -> None:
        self.entra = Provider(f"{base}/{TENANT}/v2.0", "entra-1", "RSA", 2048)
        self.generic = Provider(f"{base}/generic", "generic-1", "OKP", "Ed25519")
        self.split = Provider(f"{base}/split", "split-1")
        self.cis2 = Provider(f"{base}/cis2", "cis2-1")

    @property
    def providers(self) -> tuple[Provider, ...]:
        return self.entra, self.generic, self.split, self.cis2

    def document(self, url: str) -> dict[str, Any] | None:
        for provider in self.providers:
            if url == f"{provider.issuer}/.well-known/openid-configuration":
                return {"issuer": provider.issuer, "jwks_uri": f"{provider.issuer}/keys"}
            if url == f"{provider.issuer}/keys":
                return provider.jwks()
        return None

    def registrations(self) -> tuple[IssuerRegistered, ...]:
        def issuer(provider: Provider, organisation: str, profile: str, **more: Any) -> IssuerRegistered:
            return IssuerRegistered(organisation, provider.issuer, (AUDIENCE,), (provider.algorithm,), profile, **more)

        return (
            issuer(self.entra, "harbour", "entra-v2"),
            issuer(self.generic, "harbour", "generic"),
            issuer(self.split, "harbour", "rfc9068", claim="org_code", value="RXA"),
            issuer(self.split, "way-through", "rfc9068", claim="org_code", value="RXB"),
            issuer(self.cis2, "way-through", "cis2", sign_in=SignIn(client="isa", authentication="private_key_jwt")),
        )


@contextmanager
def published(demonstration: Demonstration) -> Iterator[Published]:
    """Taken out of the register again at the end."""
    found: list[Published] = []

    class Handler(Quiet):
        def do_GET(self) -> None:
            document = found[0].document(f"http://{self.headers['host']}{self.path}")
            body = json.dumps(document).encode()
            self.answer(404 if document is None else 200, body, {"Content-Type": "application/json"})

    with listening(Handler) as url:
        found.append(Published(url))
        registrations = found[0].registrations()
        clients = [(one, name) for one in ("harbour", "way-through") for name in (MACHINE, SPLIT)]
        register(demonstration, *registrations, *(ClientGranted(one, name, ("checks:ask",)) for one, name in clients))
        try:
            yield found[0]
        finally:
            removed = {(one.organisation, one.issuer) for one in registrations}
            register(
                demonstration,
                *(IssuerRemoved(*one) for one in sorted(removed)),
                *(ClientRevoked(one, name) for one, name in clients),
            )
