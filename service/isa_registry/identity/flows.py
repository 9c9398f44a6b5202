"""A sign-in under way: what the browser is sent away with, and what it must come back with.

Authorization code flow with PKCE (RFC 7636), `state` and `nonce` bound to this browser by a sealed cookie, and `iss` in
the answer held against the provider that was asked (RFC 9207, RFC 9700 section 4.4). One cookie holds every sign-in
that the browser has under way, so that several tabs do not disturb each other.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.identity.providers import Provider
from isa_registry.identity.sealing import SessionKeys
from isa_registry.identity.sign_in_uses import slug_of
from isa_verify.encoding import encode_base64url

FLOW_SECONDS = 15 * 60
"""How long somebody may take at their provider: long enough for a second factor that has to be fetched."""

MOST_FLOWS = 8
_MOST_CHARACTERS = 3_600
_USE = "sign-in"
_PARAMETERS = frozenset({"code", "state", "iss", "error"})

REFUSALS = frozenset(
    {
        "access_denied",
        "account_selection_required",
        "consent_required",
        "interaction_required",
        "invalid_request",
        "invalid_scope",
        "login_required",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unmet_authentication_requirements",
        "unsupported_response_type",
    }
)
"""What a provider may say instead of a code (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6)."""


class SignInRefused(Exception):
    """Nobody is signed in. `reason` is a stable kebab-case code; nothing that was received is repeated."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Flow(Struct, frozen=True, array_like=True):
    """One sign-in under way. `started` is in seconds since 1970; `again` is the hash, in hex, of the session whose
    person is to prove once more who they are."""

    state: str
    nonce: str
    verifier: str
    slug: str
    issuer: str
    return_to: str
    started: int
    again: str | None = None


_decode = msgspec.json.Decoder(tuple[Flow, ...]).decode


def begin(
    use: Issuer,
    provider: Provider,
    *,
    redirect_uri: str,
    return_to: str,
    now: float,
    randomness: Callable[[int], bytes],
    again: str | None = None,
) -> tuple[Flow, str]:
    """A new sign-in, and the address at the provider to send the browser to.

    With `again` the provider is told to ask its person anew, however lately it did.
    """
    assert use.sign_in is not None
    state, nonce, verifier = (encode_base64url(randomness(32)) for _ in range(3))
    flow = Flow(
        state=state,
        nonce=nonce,
        verifier=verifier,
        slug=slug_of(use),
        issuer=use.issuer,
        return_to=return_to,
        started=int(now),
        again=again,
    )
    query = {
        "response_type": "code",
        "client_id": use.sign_in.client,
        "redirect_uri": redirect_uri,
        "scope": " ".join(use.sign_in.scopes),
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    if use.sign_in.acr_values:
        query["acr_values"] = " ".join(use.sign_in.acr_values)
    if "offline_access" in use.sign_in.scopes and use.profile != "entra-v2":
        # OpenID Connect Core 1.0 section 11: without it a provider leaves the scope aside. Entra does not, and would
        # ask its people every time.
        query["prompt"] = "consent"
    if again is not None:
        query["prompt"] = "login consent" if "prompt" in query else "login"
        query["max_age"] = "0"
    return flow, with_query(provider.authorization_endpoint, query)


def with_query(address: str, query: Mapping[str, str]) -> str:
    """An address with parameters added to those that it has."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


class PendingFlows(Struct, frozen=True):
    """The sign-ins that one browser has under way, oldest first, as its cookie keeps them."""

    flows: tuple[Flow, ...] = ()

    @staticmethod
    def read(keys: SessionKeys, cookie: str | None, now: float) -> PendingFlows:
        """Those in the cookie that are not too old; none where it is not ours."""
        plain = None if cookie is None else keys.open(_USE, cookie)
        if plain is None:
            return PendingFlows()
        try:
            flows = _decode(plain)
        except msgspec.MsgspecError:
            return PendingFlows()
        return PendingFlows(tuple(flow for flow in flows if 0 <= now - flow.started < FLOW_SECONDS))

    def adding(self, flow: Flow) -> PendingFlows:
        return PendingFlows((*self.flows, flow)[-MOST_FLOWS:])

    def without(self, flow: Flow) -> PendingFlows:
        return PendingFlows(tuple(one for one in self.flows if one != flow))

    def cookie(self, keys: SessionKeys) -> str:
        """The cookie's value: the newest ones that a cookie has room for."""
        flows = self.flows
        while len(sealed := keys.seal(_USE, msgspec.json.encode(flows))) > _MOST_CHARACTERS:
            flows = flows[1:]
        return sealed


def answered(pending: PendingFlows, slug: str, pairs: list[tuple[str, str]]) -> tuple[Flow, dict[str, str]]:
    """The sign-in that a callback's parameters answer, and those parameters that count.

    Raises `SignInRefused`: `answer-malformed`, `state-unknown` where this browser has no such sign-in under way, or
    `issuer-mixed-up` where the address is another use's.
    """
    # A provider may add parameters of its own (RFC 6749 section 3.1); those that count come once.
    counting = [(name, value) for name, value in pairs if name in _PARAMETERS]
    given = dict(counting)
    if len(given) != len(counting):
        raise SignInRefused("answer-malformed")
    state = given.get("state", "").encode("utf-8", "surrogatepass")
    found = [flow for flow in pending.flows if hmac.compare_digest(flow.state.encode(), state)]
    if not found:
        raise SignInRefused("state-unknown")
    if found[0].slug != slug:
        raise SignInRefused("issuer-mixed-up")
    return found[0], given


def code_in(flow: Flow, given: Mapping[str, str], provider: Provider) -> str:
    """The code in an answer. Raises `SignInRefused`: `issuer-mixed-up` where another provider gave it, `issuer-missing`
    where the provider says that it always names itself and did not, `answer-malformed`, or `provider-` with the
    provider's own word."""
    issuer = given.get("iss")
    if issuer is not None and issuer != flow.issuer:
        raise SignInRefused("issuer-mixed-up")
    if issuer is None and provider.names_itself:
        raise SignInRefused("issuer-missing")
    if "error" in given:
        error = given["error"] if given["error"] in REFUSALS else "refused"
        raise SignInRefused(f"provider-{error.replace('_', '-')}")
    code = given.get("code", "")
    if not 0 < len(code) <= 8192:
        raise SignInRefused("answer-malformed")
    return code
