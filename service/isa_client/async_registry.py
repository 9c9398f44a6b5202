"""`isa_client.registry` for asyncio: the same calls, awaited."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from isa_client import calls, consent_calls, finding, receipts
from isa_client.answers import Acknowledged, Attested, Page, Recorded
from isa_client.calls import Call, Signed, made
from isa_client.connections import AsyncConnection
from isa_client.consents import Consent, Said, Withdrawal, search_document
from isa_client.errors import ProblemError
from isa_client.exchanges import Exchange, Step, TokenSpent, TokenWanted, drive_async
from isa_client.receipts import Receipt
from isa_client.registry import origin_of
from isa_verify.encoding import JsonValue
from isa_verify.note import VerifierKey

_Answer = TypeVar("_Answer")


class AsyncTokens(Protocol):
    """Where access tokens come from; `isa_client.tokens.AsyncTokenSource` is one."""

    async def token(self) -> str:
        """Return an access token that is good now."""

    def forget(self, token: str) -> None:
        """Take this token for spent."""


class AsyncRegistry:
    """`Registry`, awaited: each method promises, and raises, what the method of that name does there."""

    def __init__(self, url: str, tokens: AsyncTokens, connection: AsyncConnection | None = None) -> None:
        self._connection = connection or AsyncConnection()
        self._url = self._connection.check_url(url)
        self._tokens = tokens

    async def ask(self, question: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """`Registry.ask`."""
        return await self._call(calls.ask(question))

    async def ask_many(self, questions: Sequence[Mapping[str, JsonValue]]) -> list[dict[str, JsonValue] | ProblemError]:
        """`Registry.ask_many`."""
        return await self._call(calls.ask_many(questions))

    async def send_event(self, event: str, withheld: str | None = None) -> Recorded:
        """`Registry.send_event`."""
        return await self._call(calls.send_event(Signed(event, withheld)))

    async def send_events(self, events: Sequence[Signed]) -> list[Recorded | ProblemError]:
        """`Registry.send_events`."""
        return await self._call(calls.send_events(events))

    async def acknowledge(self, acknowledgement: str) -> Acknowledged:
        """`Registry.acknowledge`."""
        return await self._call(calls.acknowledge(acknowledgement))

    async def send_attestation(self, attestation: str, agreement: str, version: str) -> Attested:
        """`Registry.send_attestation`."""
        return await self._call(calls.attest(attestation, agreement, version))

    async def event(self, event_id: str) -> dict[str, JsonValue]:
        """`Registry.event`."""
        return await self._call(calls.event(event_id))

    async def events(self, side: str = "provider", cursor: str | None = None, state: str | None = None) -> Page:
        """`Registry.events`."""
        return await self._call(calls.events(side, cursor, state))

    async def find_events(
        self, references: Sequence[str] = (), cursor: str | None = None, **narrowed: JsonValue
    ) -> Page:
        """`Registry.find_events`."""
        return await self._call(finding.search(references, cursor, narrowed))

    async def record_consent(self, consent: Consent, key: str | None = None) -> dict[str, JsonValue]:
        """`Registry.record_consent`."""
        return await self._call(consent_calls.record(consent, key))

    async def renew_consent(self, consent_id: str, said: Said, key: str | None = None) -> dict[str, JsonValue]:
        """`Registry.renew_consent`."""
        return await self._call(consent_calls.renew(consent_id, said, key))

    async def withdraw_consent(
        self, consent_id: str, withdrawal: Withdrawal, key: str | None = None
    ) -> dict[str, JsonValue]:
        """`Registry.withdraw_consent`."""
        return await self._call(consent_calls.withdraw(consent_id, withdrawal, key))

    async def consent(self, consent_id: str) -> dict[str, JsonValue]:
        """`Registry.consent`."""
        return await self._call(consent_calls.read(consent_id))

    async def find_consents(self, references: Sequence[str], **narrowed: JsonValue) -> list[dict[str, JsonValue]]:
        """`Registry.find_consents`."""
        return await self._call(consent_calls.find(search_document(references, **narrowed)))

    async def consent_receipt(self, consent_id: str) -> bytes:
        """`Registry.consent_receipt`."""
        return await self._call(consent_calls.receipt(consent_id))

    async def prove_consent(self, consent_id: str, keys: Sequence[VerifierKey]) -> Receipt:
        """`Registry.prove_consent`."""
        receipt = await self._call(consent_calls.proof(consent_id))
        return receipts.believed(receipt, keys, consent_id)

    async def event_receipt(self, event_id: str, part: str | None = None) -> bytes:
        """`Registry.event_receipt`."""
        return await self._call(calls.event_receipt(event_id, part))

    async def check_receipt(self, check_id: str) -> bytes:
        """`Registry.check_receipt`."""
        return await self._call(calls.check_receipt(check_id))

    async def prove_event(self, event: str, keys: Sequence[VerifierKey]) -> Receipt:
        """`Registry.prove_event`."""
        event_id = receipts.id_of(event)
        return receipts.believed(await self.event_receipt(event_id), keys, event_id, document=event)

    async def prove_acknowledgement(self, acknowledgement: str, keys: Sequence[VerifierKey]) -> Receipt:
        """`Registry.prove_acknowledgement`."""
        event_id = receipts.id_of(acknowledgement, "event")
        receipt = await self.event_receipt(event_id, "acknowledgement")
        return receipts.believed(receipt, keys, event_id, part="acknowledgement", document=acknowledgement)

    async def prove_check(
        self, check_id: str, keys: Sequence[VerifierKey], answer: Mapping[str, JsonValue] | None = None
    ) -> Receipt:
        """`Registry.prove_check`."""
        return receipts.believed(await self.check_receipt(check_id), keys, check_id, answer=answer)

    async def run(self, exchange: Exchange[_Answer]) -> _Answer:
        """`Registry.run`."""
        return await drive_async(exchange, self._perform)

    @property
    def url(self) -> str:
        """The registry's address, without a trailing slash."""
        return self._url

    async def _call(self, call: Call[_Answer]) -> _Answer:
        return await self.run(made(call, self._url))

    async def _perform(self, step: Step) -> object:
        if isinstance(step, TokenWanted):
            return await self._tokens.token()
        if isinstance(step, TokenSpent):
            self._tokens.forget(step.token)
            return None
        return await self._connection.perform(step)


async def log_origin(url: str, connection: AsyncConnection) -> str:
    """`isa_client.registry.log_origin`, awaited."""
    return await drive_async(origin_of(url, connection), connection.perform)
