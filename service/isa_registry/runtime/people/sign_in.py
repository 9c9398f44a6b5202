"""Signing people in at their own organisation's provider, and out again: the protocol, with the network and the
register.

What is decided about a token or an answer is in `isa_registry.identity`; here are the requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from msgspec import Struct

from isa_registry.domain.register.facts import Issuer
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.client_proof import ClientProofError, ClientProofs
from isa_registry.identity.flows import FLOW_SECONDS, Flow, SignInRefused, begin, code_in, with_query
from isa_registry.identity.id_tokens import Expected, Person, read_id_token, read_logout_token
from isa_registry.identity.issuers import IssuerKeys, KeysUnavailableError
from isa_registry.identity.profiles import InvalidToken
from isa_registry.identity.providers import Providers, ProviderUnavailableError
from isa_registry.identity.sign_in_uses import callback_path, sign_in_uses
from isa_registry.outbound.fetching import OutboundError
from isa_registry.runtime.people.sessions import Sessions
from isa_verify.encoding import JsonValue

LONGEST_REFRESH_TOKEN = 4096

_MOST_ANSWERED = 10_000


class TokenAnswer(Protocol):
    """What a provider answers to a form: the status, and the JSON object where there was one."""

    @property
    def status(self) -> int: ...

    @property
    def document(self) -> dict[str, JsonValue]: ...


PostForm = Callable[[str, Mapping[str, str], Mapping[str, str]], Awaitable[TokenAnswer]]


class ProviderAwayError(Exception):
    """The provider cannot be reached at this moment. Nobody is refused for that."""


class SignedIn(Struct, frozen=True):
    """A sign-in that holds: through which use, who it is, where they were going, and what the provider gave to ask it
    again later."""

    flow: Flow
    use: Issuer
    person: Person
    refresh_token: str | None


class SignIn:
    """`public_url` is the registry's address, without a final slash; `view` the register as this worker has it."""

    def __init__(
        self,
        *,
        providers: Providers,
        proofs: ClientProofs,
        keys: IssuerKeys,
        post_form: PostForm,
        sessions: Sessions,
        view: Callable[[], RegisterView],
        public_url: str,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._providers = providers
        self.proofs = proofs
        self._keys = keys
        self._post_form = post_form
        self._sessions = sessions
        self._view = view
        self._public_url = public_url
        self._randomness = randomness
        self._answered: dict[str, int] = {}

    def uses(self) -> dict[str, Issuer]:
        """Every use through which people sign in, by slug."""
        return sign_in_uses(self._view())

    async def start(self, use: Issuer, *, return_to: str, again: str | None = None) -> tuple[Flow, str]:
        """A sign-in under way, and the address to send the browser to. Raises `ProviderAwayError`."""
        try:
            provider = await self._providers.reachable(use.issuer)
        except ProviderUnavailableError:
            raise ProviderAwayError from None
        return begin(
            use,
            provider,
            redirect_uri=self._public_url + callback_path(use),
            return_to=return_to,
            now=self._sessions.now().timestamp(),
            randomness=self._randomness,
            again=again,
        )

    async def finish(self, flow: Flow, given: Mapping[str, str]) -> SignedIn:
        """Who came back from the provider with an answer to this sign-in; each worker takes one answer to it.

        Raises `SignInRefused`, or `ProviderAwayError`.
        """
        self._refuse_repeated(flow)
        use = self.uses().get(flow.slug)
        if use is None or use.issuer != flow.issuer:
            raise SignInRefused("issuer-removed")
        try:
            provider = await self._providers.provider(use.issuer)
        except ProviderUnavailableError:
            raise ProviderAwayError from None
        form = {
            "grant_type": "authorization_code",
            "code": code_in(flow, given, provider),
            "redirect_uri": self._public_url + callback_path(use),
            "code_verifier": flow.verifier,
        }
        status, document = await self._token(use, provider.token_endpoint, form)
        if status != 200:
            raise SignInRefused("code-refused" if document.get("error") == "invalid_grant" else "client-refused")
        id_token, access_token = document.get("id_token"), document.get("access_token")
        kind = document.get("token_type")
        if not isinstance(id_token, str) or not isinstance(kind, str) or kind.lower() != "bearer":
            raise SignInRefused("tokens-malformed")
        expected = Expected(
            nonce=flow.nonce,
            access_token=access_token if isinstance(access_token, str) else None,
            signed_in_since=None if flow.again is None else flow.started,
        )
        return SignedIn(
            flow=flow,
            use=use,
            person=await self._person(id_token, use, expected),
            refresh_token=_refresh_token(document),
        )

    def _refuse_repeated(self, flow: Flow) -> None:
        """A browser that kept its cookie could otherwise have the provider's token endpoint asked again and again, in
        this registry's name. Raises `SignInRefused`."""
        if flow.state in self._answered:
            raise SignInRefused("state-unknown")
        self._answered[flow.state] = flow.started
        oldest = next(iter(self._answered))
        past = self._sessions.now().timestamp() - FLOW_SECONDS
        if len(self._answered) > _MOST_ANSWERED or self._answered[oldest] < past:
            del self._answered[oldest]

    async def refresh(self, use: Issuer, token: str) -> tuple[str, Person | None] | None:
        """The next refresh token, and the person where the provider says anew who it is; None where it knows them no
        longer. Raises `SignInRefused` for an answer that cannot be used, or `ProviderAwayError`."""
        try:
            provider = await self._providers.provider(use.issuer)
        except ProviderUnavailableError:
            raise ProviderAwayError from None
        form = {"grant_type": "refresh_token", "refresh_token": token}
        status, document = await self._token(use, provider.token_endpoint, form)
        if status != 200:
            if document.get("error") == "invalid_grant":
                return None
            raise SignInRefused("client-refused")
        id_token, access_token = document.get("id_token"), document.get("access_token")
        person = None
        if isinstance(id_token, str):
            expected = Expected(nonce=None, access_token=access_token if isinstance(access_token, str) else None)
            person = await self._person(id_token, use, expected)
        return _refresh_token(document) or token, person

    async def end_session_address(self, use: Issuer) -> str | None:
        """Where the person signs out at their provider too; None where it offers no such place or is away.

        OpenID Connect RP-Initiated Logout 1.0. We keep no ID token, which holds more about a person than we need, so
        none goes along as a hint: the provider knows its own session, and may ask. Nothing is waiting on the way back,
        so no `state` is needed either.
        """
        assert use.sign_in is not None
        try:
            provider = await self._providers.reachable(use.issuer)
        except ProviderUnavailableError:
            return None
        if provider.end_session_endpoint is None:
            return None
        query = {"client_id": use.sign_in.client, "post_logout_redirect_uri": f"{self._public_url}/signed-out"}
        return with_query(provider.end_session_endpoint, query)

    async def give_back(self, use: Issuer, token: str) -> None:
        """Revokes a refresh token at the provider, as far as it can be reached (RFC 7009)."""
        try:
            provider = await self._providers.provider(use.issuer)
            if provider.revocation_endpoint is not None:
                form = {"token": token, "token_type_hint": "refresh_token"}
                await self._token(use, provider.revocation_endpoint, form)
        except (ProviderUnavailableError, ProviderAwayError, SignInRefused):
            return

    async def logged_out(self, use: Issuer, token: str) -> int:
        """Ends the sessions that a provider's logout token names; how many.

        Raises `InvalidToken`, also for a token seen before, `KeysUnavailableError`, or one of `DatabaseError`.
        """
        now = self._sessions.now().timestamp()
        ended = await self._sessions.log_out(await read_logout_token(token, use=use, keys=self._keys, now=now))
        if ended is None:
            raise InvalidToken("token-seen")
        return ended

    async def _token(self, use: Issuer, endpoint: str, form: Mapping[str, str]) -> tuple[int, dict[str, JsonValue]]:
        try:
            proof = self.proofs.proof(use)
        except ClientProofError as error:
            raise SignInRefused(error.reason) from None
        try:
            answer = await self._post_form(endpoint, {**form, **proof.form}, proof.headers)
        except OutboundError:
            raise ProviderAwayError from None
        return answer.status, answer.document

    async def _person(self, id_token: str, use: Issuer, expected: Expected) -> Person:
        now = self._sessions.now().timestamp()
        try:
            return await read_id_token(
                id_token, use=use, view=self._view(), keys=self._keys, expected=expected, now=now
            )
        except InvalidToken as error:
            raise SignInRefused(f"id-token-{error.reason}") from None
        except KeysUnavailableError:
            raise ProviderAwayError from None


def _refresh_token(document: dict[str, JsonValue]) -> str | None:
    token = document.get("refresh_token")
    return token if isinstance(token, str) and 0 < len(token) <= LONGEST_REFRESH_TOKEN else None
