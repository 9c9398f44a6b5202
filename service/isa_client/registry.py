"""The registry's API as an agency's system calls it: ask, send, acknowledge, fetch the proof."""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from isa_client import calls, consent_calls, finding, receipts
from isa_client.answers import Acknowledged, Attested, Page, Recorded, problem_of
from isa_client.calls import Call, Signed, made
from isa_client.connections import Connection, Rules
from isa_client.consents import Consent, Said, Withdrawal, search_document
from isa_client.errors import ProblemError, UnreachableError
from isa_client.exchanges import Exchange, Reply, Request, Step, TokenSpent, TokenWanted, attempted, drive
from isa_client.receipts import Receipt
from isa_verify.checkpoint import check_origin
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError
from isa_verify.note import VerifierKey

__all__ = ["Acknowledged", "Attested", "Page", "Recorded", "Registry", "Signed", "Tokens", "log_origin", "problem_of"]

_Answer = TypeVar("_Answer")


class Tokens(Protocol):
    """Where access tokens come from; `isa_client.tokens.TokenSource` is one."""

    def token(self) -> str:
        """Return an access token that is good now."""

    def forget(self, token: str) -> None:
        """Take this token for spent."""


class Registry:
    """One registry at `url`, called with the tokens of one organisation. `AsyncRegistry` is the same for asyncio.

    Every method raises `UnreachableError` where no usable answer came, and `ProblemError` where the registry
    answered with an error. A refused token is fetched anew once.
    """

    def __init__(self, url: str, tokens: Tokens, connection: Connection | None = None) -> None:
        self._connection = connection or Connection()
        self._url = self._connection.check_url(url)
        self._tokens = tokens

    def ask(self, question: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """Return the answer to a check, as the registry gave it. The question is the body of `POST /api/v1/checks`.

        An answer other than "share" is advice, not a prohibition, unless its outcome is `do-not-share`. Every error
        says that in immediate danger one shares now (`ClientError.immediate_danger`).
        """
        return self._call(calls.ask(question))

    def ask_many(self, questions: Sequence[Mapping[str, JsonValue]]) -> list[dict[str, JsonValue] | ProblemError]:
        """Return the answers to up to 1,000 checks in order, each an answer as of `ask` or what was wrong with it."""
        return self._call(calls.ask_many(questions))

    def send_event(self, event: str, withheld: str | None = None) -> Recorded:
        """Record a signed sharing event, with its signed list of what was withheld where it names one.

        Sending the same documents again is safe: the registry gives its first answer again.
        """
        return self._call(calls.send_event(Signed(event, withheld)))

    def send_events(self, events: Sequence[Signed]) -> list[Recorded | ProblemError]:
        """Record up to 100 signed sharing events at once; the results in order. Safe to repeat, as `send_event` is."""
        return self._call(calls.send_events(events))

    def acknowledge(self, acknowledgement: str) -> Acknowledged:
        """Record a signed acknowledgement of an event that one received. Safe to repeat, as `send_event` is."""
        return self._call(calls.acknowledge(acknowledgement))

    def send_attestation(self, attestation: str, agreement: str, version: str) -> Attested:
        """Record a signed attestation of a version. Sending it again is safe: the registry gives its first answer."""
        return self._call(calls.attest(attestation, agreement, version))

    def event(self, event_id: str) -> dict[str, JsonValue]:
        """Return a sharing event that one may see; its member `event` is the signed document."""
        return self._call(calls.event(event_id))

    def events(self, side: str = "provider", cursor: str | None = None, state: str | None = None) -> Page:
        """Return a page of the events that one provided, or received (`recipient`), newest first.

        With a state, only those that are `matched`, `unmatched`, `disputed` or `corrected`; a page may then hold fewer
        while there are more, which its `next` says.
        """
        return self._call(calls.events(side, cursor, state))

    def find_events(self, references: Sequence[str] = (), cursor: str | None = None, **narrowed: JsonValue) -> Page:
        """Return a page of your own events with any of these references of yours: of people under every key that you
        have had (`SubjectKeys.references`), of cases, of requests.

        They go in the request, never in an address. `narrowed`: `side`, `purpose`, `decision`, `party` (the other
        body), `decided_from` and `decided_to` (days), `limit`. A page may hold few while there are more, which its
        `next` says.
        """
        return self._call(finding.search(references, cursor, narrowed))

    def record_consent(self, consent: Consent, key: str | None = None) -> dict[str, JsonValue]:
        """Record what somebody answered; return the consent as it stands. Keep `key`, and give it again, to repeat a
        request whose answer was lost."""
        return self._call(consent_calls.record(consent, key))

    def renew_consent(self, consent_id: str, said: Said, key: str | None = None) -> dict[str, JsonValue]:
        """Record that the same was said again; as `record_consent`."""
        return self._call(consent_calls.renew(consent_id, said, key))

    def withdraw_consent(self, consent_id: str, withdrawal: Withdrawal, key: str | None = None) -> dict[str, JsonValue]:
        """Record that a consent was taken back; as `record_consent`."""
        return self._call(consent_calls.withdraw(consent_id, withdrawal, key))

    def consent(self, consent_id: str) -> dict[str, JsonValue]:
        """Return one of your own consents with its whole life."""
        return self._call(consent_calls.read(consent_id))

    def find_consents(self, references: Sequence[str], **narrowed: JsonValue) -> list[dict[str, JsonValue]]:
        """Return your own consents about these people, by your own references, under every key that you have had.

        They go in the request, never in an address. `narrowed`: `role`, `purpose`, `recipient`, `status` (a list).
        """
        return self._call(consent_calls.find(search_document(references, **narrowed)))

    def consent_receipt(self, consent_id: str) -> bytes:
        """Return the receipt for the family (ISO/IEC TS 27560, JSON-LD), exactly as served."""
        return self._call(consent_calls.receipt(consent_id))

    def prove_consent(self, consent_id: str, keys: Sequence[VerifierKey]) -> Receipt:
        """Return the receipt of a consent's last entry, verified as `prove_event` does."""
        receipt = self._call(consent_calls.proof(consent_id))
        return receipts.believed(receipt, keys, consent_id)

    def event_receipt(self, event_id: str, part: str | None = None) -> bytes:
        """Return the receipt of a sharing event, or of its `withheld` list or `acknowledgement`, unverified, exactly as
        served."""
        return self._call(calls.event_receipt(event_id, part))

    def check_receipt(self, check_id: str) -> bytes:
        """Return the receipt of a recorded check, unverified, exactly as served."""
        return self._call(calls.check_receipt(check_id))

    def prove_event(self, event: str, keys: Sequence[VerifierKey]) -> Receipt:
        """Return the receipt of a signed event that was sent, verified with the log's keys: the log holds this very
        document. Raises `isa_verify.errors.VerificationError` where it does not hold."""
        event_id = receipts.id_of(event)
        return receipts.believed(self.event_receipt(event_id), keys, event_id, document=event)

    def prove_acknowledgement(self, acknowledgement: str, keys: Sequence[VerifierKey]) -> Receipt:
        """Return the receipt of an acknowledgement that counts, verified as `prove_event` does: of several that one
        recipient made, it is the last."""
        event_id = receipts.id_of(acknowledgement, "event")
        receipt = self.event_receipt(event_id, "acknowledgement")
        return receipts.believed(receipt, keys, event_id, part="acknowledgement", document=acknowledgement)

    def prove_check(
        self, check_id: str, keys: Sequence[VerifierKey], answer: Mapping[str, JsonValue] | None = None
    ) -> Receipt:
        """Return the receipt of a recorded check, verified with the log's keys, as `prove_event` does: with the answer
        that you were given, the log holds that very one."""
        return receipts.believed(self.check_receipt(check_id), keys, check_id, answer=answer)

    def run(self, exchange: Exchange[_Answer]) -> _Answer:
        """Carry out an exchange with this registry, such as `isa_client.sending.delivered`."""
        return drive(exchange, self._perform)

    @property
    def url(self) -> str:
        """The registry's address, without a trailing slash."""
        return self._url

    def _call(self, call: Call[_Answer]) -> _Answer:
        return self.run(made(call, self._url))

    def _perform(self, step: Step) -> object:
        if isinstance(step, TokenWanted):
            return self._tokens.token()
        if isinstance(step, TokenSpent):
            self._tokens.forget(step.token)
            return None
        return self._connection.perform(step)


def log_origin(url: str, connection: Connection) -> str:
    """Return the name of the registry's log, from the first line of its public checkpoint.

    The name is not proved by this; where it matters more than convenience, hold it in your own configuration.
    """
    return drive(origin_of(url, connection), connection.perform)


def origin_of(url: str, rules: Rules) -> Exchange[str]:
    """The exchange behind `log_origin`."""
    base = rules.check_url(url)
    for path in ("/log/checkpoint", "/log/checkpoint.pending"):
        reply: Reply = yield from attempted(Request("GET", base + path, {"Accept": "text/plain"}), calls.ASK_ATTEMPTS)
        if reply.status != 404:
            break
    if reply.status != 200:
        raise UnreachableError("log-unreachable", f"The log's checkpoint is not there (status {reply.status}).")
    try:
        origin = reply.body.split(b"\n", 1)[0].decode("utf-8")
        check_origin(origin)
    except (UnicodeDecodeError, MalformedError):
        raise UnreachableError("log-malformed", "The log's checkpoint does not begin with a usable name.") from None
    return origin
