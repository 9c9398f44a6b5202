"""Acknowledgements: a recipient says, signed, that what an event says was shared with it has come, or that it differs.

An acknowledgement (docs/formats/sharing-event.md) names the very document that it answers by its SHA-256. It says
nothing of what the recipient will do, and nobody waits for one before they share.
"""

from isa_client.documents import ACKNOWLEDGEMENT_TYPE, EVENT_TYPE, SigningKey, document_sha256, header_of, payload_of
from isa_client.errors import InputError
from isa_client.events import is_time
from isa_client.identifiers import is_event_id
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError

SHARED = ("shared", "part-shared")


def acknowledgement_claims(event: str, *, recipient: str, received_at: str, matches: bool) -> dict[str, JsonValue]:
    """Return the document to sign about a signed event, which is its exact compact JWS as the registry shows it.

    `matches` is whether what was received is what the event says. Raises `InputError` where the text is no event of
    something shared with this recipient, or the time is not RFC 3339 UTC with milliseconds. The event's own signature
    is not verified here: the registry did that before it logged it, and its receipt proves that the log holds it.
    """
    try:
        claims = payload_of(event) if header_of(event).get("typ") == EVENT_TYPE else {}
    except MalformedError:
        claims = {}
    identifier, registry, partnership = (claims.get(name) for name in ("id", "registry", "partnership"))
    if not isinstance(identifier, str) or not is_event_id(identifier):
        raise InputError("event-malformed", "The text is not a signed sharing event.")
    if claims.get("recipient") != recipient:
        raise InputError("recipient-differs", "The event names another recipient than the one that acknowledges it.")
    if claims.get("decision") not in SHARED:
        raise InputError("nothing-shared", "The event shares nothing, so there is nothing to acknowledge.")
    if not is_time(received_at):
        raise InputError("time-malformed", "When it was received is not a time such as 2026-10-01T09:30:00.000Z.")
    return {
        "v": 1,
        "registry": registry,
        "partnership": partnership,
        "event": identifier,
        "event_sha256": document_sha256(event),
        "recipient": recipient,
        "received_at": received_at,
        "matches": matches,
    }


def sign_acknowledgement(key: SigningKey, event: str, *, recipient: str, received_at: str, matches: bool) -> str:
    """Return the isa-acknowledgement+jws about a signed event, by a key registered for the use `acknowledgement`.

    Raises `InputError` as `acknowledgement_claims` does.
    """
    claims = acknowledgement_claims(event, recipient=recipient, received_at=received_at, matches=matches)
    return key.sign(ACKNOWLEDGEMENT_TYPE, claims)
