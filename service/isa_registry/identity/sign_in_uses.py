"""Through which issuers people sign in, and the address at which each one sends them back.

Each registered use of an issuer has an address of its own, so that one provider can never answer in the place of
another (RFC 9700 section 4.4).
"""

from __future__ import annotations

import hashlib

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView


def slug_of(use: Issuer) -> str:
    """The part of a callback's address that names a use: the organisation, and eight hex digits of its issuer.

    It stays while the organisation and the issuer do, whatever else is registered.
    """
    return f"{use.organisation}-{hashlib.sha256(use.issuer.encode()).hexdigest()[:8]}"


def callback_path(use: Issuer) -> str:
    """The redirect address to register at the provider, without the registry's own address before it."""
    return f"/auth/{slug_of(use)}/callback"


def backchannel_path(use: Issuer) -> str:
    """The back-channel logout address to register at the provider, likewise."""
    return f"/auth/{slug_of(use)}/backchannel-logout"


def sign_in_uses(view: RegisterView) -> dict[str, Issuer]:
    """Every use through which people sign in, by slug, in the order of the organisations' names."""
    return view.memory.recall(("sign-in-uses",), lambda: _uses(view))


def use_for(view: RegisterView, issuer: str, organisation: str) -> Issuer | None:
    """The use by which people of the organisation sign in with this issuer, as the register has it now."""
    found = [use for use in view.issuers(issuer) if use.organisation == organisation and use.sign_in is not None]
    return found[0] if found else None


def _uses(view: RegisterView) -> dict[str, Issuer]:
    names = {body.organisation: body.name.casefold() for body in view.organisations()}
    uses = [use for use in view.every_issuer() if use.sign_in is not None and use.organisation in names]
    return {slug_of(use): use for use in sorted(uses, key=lambda use: (names[use.organisation], slug_of(use)))}
