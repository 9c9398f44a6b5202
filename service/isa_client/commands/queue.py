"""`isa-client queue`: what was signed and could not be sent yet, and what the registry refused."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from isa_client.checks import printable
from isa_client.commands import connecting
from isa_client.documents import SigningKey
from isa_client.errors import ClientError, InputError
from isa_client.events import late_entry_of
from isa_client.offline_queue import OfflineQueue
from isa_client.queued import EVENT, REFUSED, Item
from isa_client.registry import Registry
from isa_client.sending import Delivery, delivered

DEMONSTRATION_SCOPE = "events:write"
KEPT_DAYS = 30


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    parser.add_argument(
        "what",
        choices=tuple(_WHAT),
        help="list: show what is in it; send: send what waits; again: let a refused item wait again; late: sign a "
        "refused decision again as a late entry; drop: take out an item that was sent or refused",
    )
    parser.add_argument("number", metavar="NUMBER", type=int, nargs="?", help="the item, for again, late and drop")
    add_option(parser, required=True)
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    connecting.add_keys(parser)


def add_option(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Add the option that says where the queue lies."""
    connecting.option(
        parser,
        "--queue",
        "ISA_QUEUE",
        "the file of the offline queue" + ("" if required else ": keep it there until the registry has it"),
        None,
    )


def run(options: argparse.Namespace) -> int:
    """Do what was asked. For `send`: 0 all was sent, 1 some was refused, 2 some still waits."""
    return _WHAT[options.what](options, of(options))


def of(options: argparse.Namespace) -> OfflineQueue:
    """Return the queue that the options name. Raises `InputError` where they name none."""
    if not options.queue:
        raise InputError("queue-missing", "Say where the queue lies: --queue FILE, or ISA_QUEUE.")
    return OfflineQueue(Path(options.queue))


def deliver(queue: OfflineQueue, registry: Registry) -> int:
    """Send what waits, say what became of it, and return the exit status."""
    delivery = registry.run(delivered(queue, registry.url))
    for item, outcome in delivery.sent:
        print(f"Recorded: {item.kind} {printable(item.event)}, log index {outcome.entry}.")
        for flag in getattr(outcome, "flags", ()):
            print(f"  flagged    {printable(flag)}")
    for item, error in delivery.refused:
        print(f"Refused, and set aside as item {item.number}: {item.kind} {printable(item.event)}.")
        _explain(error)
    if delivery.stopped is not None:
        print(f"Stopped: {printable(delivery.stopped.detail)} ({printable(delivery.stopped.code)})")
        print(f"  to do      {delivery.stopped.to_do}")
    if delivery.waiting:
        print(f"Still waiting, safe in the queue: {delivery.waiting}.")
    return _status(delivery)


def _status(delivery: Delivery) -> int:
    if delivery.waiting:
        return 2
    return 1 if delivery.refused else 0


def _explain(error: ClientError) -> None:
    print(f"  because    {printable(error.detail)} ({printable(error.code)})")
    for field in getattr(error, "fields", ()):
        print(f"             {printable(field.pointer)}: {printable(field.detail)}")
    print(f"  to do      {error.to_do}")


def _list(options: argparse.Namespace, queue: OfflineQueue) -> int:
    now = datetime.now(UTC)
    items = queue.items()
    for item in items:
        _show(item, now)
    states = [item.state for item in items]
    print(", ".join(f"{states.count(state)} {state}" for state in ("waiting", "refused", "sent")) + ".")
    return 0


def _show(item: Item, now: datetime) -> None:
    print(f"{item.number:>6}  {item.state:<8}  {item.kind} {item.event}, put in {item.queued_at}")
    answer = item.answer or {}
    if item.state == REFUSED:
        print(f"        because {printable(str(answer.get('detail')))} ({printable(str(answer.get('code')))})")
        fields = answer.get("errors")
        for field in fields if isinstance(fields, list) else []:
            if isinstance(field, dict):
                print(f"        {printable(str(field.get('pointer')))}: {printable(str(field.get('detail')))}")
    elif item.answer is not None:
        print(f"        log index {answer.get('entry')}, recorded {printable(str(answer.get('recorded_at')))}")
    if (to_do := item.to_do(now)) is not None:
        print(f"        to do: {printable(to_do)}")


def _send(options: argparse.Namespace, queue: OfflineQueue) -> int:
    status = deliver(queue, connecting.registry(options, DEMONSTRATION_SCOPE))
    queue.drop_sent(older_than=timedelta(days=KEPT_DAYS))
    return status


def _again(options: argparse.Namespace, queue: OfflineQueue) -> int:
    queue.send_again(_number(options))
    print("It waits again: isa-client queue send.")
    return 0


def _late(options: argparse.Namespace, queue: OfflineQueue) -> int:
    item = queue.item(_number(options))
    if item.kind != EVENT or item.document is None:
        raise InputError("event-differs", f"Item {item.number} is no event that could be signed again.")
    key = SigningKey.read(connecting.signing_key_path(options))
    replaced = queue.replace(item.number, late_entry_of(item.document, key))
    print(f"Signed again as a late entry; it waits as item {replaced.number}: isa-client queue send.")
    return 0


def _drop(options: argparse.Namespace, queue: OfflineQueue) -> int:
    queue.drop(_number(options))
    print("It is gone from the queue.")
    return 0


def _number(options: argparse.Namespace) -> int:
    number = options.number
    if not isinstance(number, int):
        raise InputError("item-missing", "Say which item: its NUMBER, as isa-client queue list shows it.")
    return number


_WHAT: dict[str, Callable[[argparse.Namespace, OfflineQueue], int]] = {
    "list": _list,
    "send": _send,
    "again": _again,
    "late": _late,
    "drop": _drop,
}
