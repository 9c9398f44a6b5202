"""An item of the offline queue: what it is, how it stands, and what is to be done about it."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from isa_client.calls import Signed, content_key
from isa_verify.encoding import JsonValue

EVENT, ACKNOWLEDGEMENT = "event", "acknowledgement"
WAITING, SENT, REFUSED = "waiting", "sent", "refused"
STATES = (WAITING, SENT, REFUSED)

ON_TIME = timedelta(hours=24)
"""An event that reaches the registry later than this after its decision says so itself (`late_entry`)."""

SOON = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Item:
    """A document in the queue.

    `document` and `withheld` are the exact compact JWS until it is sent. `event` is the event's id, or that of the
    event which is acknowledged. `follows` is an event that has to be there first. `answer` is what the registry said:
    where it lies in the log, or why it was refused.
    """

    number: int
    kind: str
    event: str
    document: str | None
    withheld: str | None
    sha256: str
    follows: str | None
    decided_at: str | None
    late_entry: bool
    queued_at: str
    state: str
    answered_at: str | None
    answer: dict[str, JsonValue] | None

    @classmethod
    def of(cls, row: tuple[Any, ...]) -> Self:
        """Return the item of a row of the queue's file."""
        *first, late_entry, queued_at, state, answered_at, answer = row
        number, kind, event, document, withheld, sha256, follows, decided_at = first
        return cls(
            number=number,
            kind=kind,
            event=event,
            document=document,
            withheld=withheld,
            sha256=sha256,
            follows=follows,
            decided_at=decided_at,
            late_entry=bool(late_entry),
            queued_at=queued_at,
            state=state,
            answered_at=answered_at,
            answer=None if answer is None else json.loads(answer),
        )

    @property
    def signed(self) -> Signed | None:
        """The documents to send, or None where they are gone or are not those that were put in."""
        if self.document is None:
            return None
        signed = Signed(self.document, self.withheld)
        return signed if content_key(signed.body()[0]) == self.sha256 else None

    def on_time_for(self, now: datetime) -> timedelta | None:
        """How long the event can still be sent as it is signed; negative where that has passed, None where there is
        no such limit."""
        if self.state != WAITING or self.kind != EVENT or self.late_entry or self.decided_at is None:
            return None
        try:
            return datetime.fromisoformat(self.decided_at) + ON_TIME - now
        except (ValueError, TypeError):
            return None

    def to_do(self, now: datetime) -> str | None:
        """What somebody has to do about it, or None."""
        if self.state == REFUSED:
            told = (self.answer or {}).get("to_do")
            return told if isinstance(told, str) else "See why it was refused."
        left = self.on_time_for(now)
        if left is None or left > SOON:
            return None
        if left > timedelta(0):
            return "Decided nearly 24 hours ago: send it soon, or it has to be signed again as a late entry."
        return (
            "Decided more than 24 hours ago. Send it all the same: if the registry does not have it yet it will be "
            "refused as late, and is then signed again as a late entry."
        )
