"""Sending what waits in an offline queue: the same bytes under the same key, in order, each until it is answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from isa_client.answers import Acknowledged, Recorded
from isa_client.calls import Call, acknowledge, made, send_event
from isa_client.errors import ClientError, ProblemError
from isa_client.exchanges import Exchange
from isa_client.offline_queue import OfflineQueue
from isa_client.queued import ACKNOWLEDGEMENT, Item
from isa_verify.encoding import JsonValue

MOST_FAILURES = 3
"""After so many answers of the kind "something went wrong here" in turn, the rest waits."""

_FINAL = frozenset({400, 404, 409, 410, 413, 415, 422})

Outcome: TypeAlias = Recorded | Acknowledged


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the items that waited. `stopped` is why not all of them were tried; they wait as before."""

    sent: tuple[tuple[Item, Outcome], ...]
    refused: tuple[tuple[Item, ClientError], ...]
    waiting: int
    stopped: ClientError | None


def delivered(
    queue: OfflineQueue, base: str, *, told: Callable[[Item], None] = lambda item: None
) -> Exchange[Delivery]:
    """Send what waits to the registry at `base`. `told` hears of each item once its outcome is on the disk.

    Run it with `Registry.run`, or with `AsyncRegistry.run`, whose loop waits for the disk a few milliseconds an item.
    An item that the registry refuses is set aside and the next one follows; where the registry cannot be reached, is
    busy, or takes no token, everything else waits on. Raises `QueueError` while another process sends from the
    same queue.
    """
    sent: list[tuple[Item, Outcome]] = []
    refused: list[tuple[Item, ClientError]] = []
    held: set[str] = set()
    stopped: ClientError | None = None
    failures = number = 0
    with queue.sending():
        while (item := queue.next_waiting(number)) is not None:
            number = item.number
            if item.follows in held:
                held.add(item.event)
                continue
            try:
                outcome = yield from made(_call(item), base)
            except ClientError as error:
                if _is_about_the_item(error):
                    queue.set_aside(number, _kept(error))
                    refused.append((item, error))
                elif _may_be_about_the_item(error) and failures + 1 < MOST_FAILURES:
                    held.add(item.event)
                    failures += 1
                    continue
                else:
                    stopped = error
                    break
            else:
                queue.mark_sent(number, _answer(outcome))
                sent.append((item, outcome))
            failures = 0
            told(item)
    return Delivery(tuple(sent), tuple(refused), queue.waiting(), stopped)


class _Damaged(ClientError):
    @property
    def to_do(self) -> str:
        """What to do about it, as a sentence."""
        return "Put the signed file in again; look to the disk that the queue lies on."


def _call(item: Item) -> Call[Outcome]:
    signed = item.signed
    if signed is None:
        raise _Damaged("item-damaged", "What lies in the queue is not what was put in. It was not sent.")
    if item.kind == ACKNOWLEDGEMENT:
        return acknowledge(signed.event, item.sha256)
    return send_event(signed, item.sha256)


def _is_about_the_item(error: ClientError) -> bool:
    """Whether the registry itself refused this document, so that it would refuse it again."""
    if not isinstance(error, ProblemError):
        return isinstance(error, _Damaged)
    return error.explained and (
        (error.status in _FINAL and error.code != "in-flight") or error.code == "not-your-organisation"
    )


def _may_be_about_the_item(error: ClientError) -> bool:
    """Whether the next one may fare better, although this one has to wait."""
    return isinstance(error, ProblemError) and (error.status == 500 or error.code in ("in-flight", "not-as-logged"))


def _kept(error: ClientError) -> dict[str, JsonValue]:
    """What the registry said, to keep beside the item."""
    kept: dict[str, JsonValue] = {"code": error.code, "detail": error.detail, "to_do": error.to_do}
    if isinstance(error, ProblemError):
        fields: list[JsonValue] = [
            {"pointer": field.pointer, "code": field.code, "detail": field.detail} for field in error.fields
        ]
        kept |= {"status": error.status, "title": error.title, "errors": fields, "instance": error.request}
    return kept


def _answer(outcome: Outcome) -> dict[str, JsonValue]:
    if isinstance(outcome, Acknowledged):
        return {"entry": outcome.entry, "recorded_at": outcome.recorded_at}
    return {
        "entry": outcome.entry,
        "recorded_at": outcome.recorded_at,
        "flags": list(outcome.flags),
        "receipt": outcome.receipt,
    }
