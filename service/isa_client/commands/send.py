"""`isa-client send`: have the registry record a signed sharing event, an acknowledgement, or an attestation."""

import argparse
from pathlib import Path

from isa_client.checks import printable
from isa_client.commands import connecting, queue
from isa_client.documents import (
    ACKNOWLEDGEMENT_TYPE,
    ATTESTATION_TYPE,
    EVENT_TYPE,
    WITHHELD_TYPE,
    document_sha256,
    read_document,
    type_of,
)
from isa_client.errors import InputError, QueueError
from isa_client.queued import REFUSED, SENT, Item

DEMONSTRATION_SCOPE = "events:write"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    parser.add_argument(
        "event", metavar="EVENT.jws", type=Path, help="what isa-client sign, acknowledge or attest wrote"
    )
    parser.add_argument("--withheld", metavar="FILE", type=Path, help="the signed list of what was withheld")
    queue.add_option(parser, required=False)


def run(options: argparse.Namespace) -> int:
    """Send the document. Sending the same files again is safe and gives the first answer.

    With a queue it is put in there first, and 0 means that the registry has it or the queue does.
    """
    if type_of(options.event) == ATTESTATION_TYPE:
        return _attestation(options)
    if type_of(options.event) == ACKNOWLEDGEMENT_TYPE:
        return _acknowledgement(options)
    event, claims = read_document(options.event, EVENT_TYPE)
    withheld = _withheld(options.withheld, claims.get("withheld_sha256"))
    if options.queue:
        return _queued(options, queue.of(options).put_event(event, withheld))
    recorded = connecting.registry(options, DEMONSTRATION_SCOPE).send_event(event, withheld)

    print("Recorded." if recorded.new else "Recorded before; this is the first answer again.")
    print(f"  event      {printable(recorded.id)}")
    print(f"  log index  {recorded.entry}")
    print(f"  at         {printable(recorded.recorded_at)}")
    for flag in recorded.flags:
        print(f"  flagged    {printable(flag)}")
    print(f"  receipt    isa-client receipt --event {printable(recorded.id)} -o event.isa-receipt.json")
    return 0


def _queued(options: argparse.Namespace, item: Item) -> int:
    """Send what waits, this item with it. Whatever keeps the registry from having it, the queue keeps it."""
    if item.state == SENT and item.answer is not None:
        print(f"Recorded before: {item.kind} {item.event}, log index {item.answer.get('entry')}.")
    waiting = queue.of(options)
    try:
        status = queue.deliver(waiting, connecting.registry(options, DEMONSTRATION_SCOPE))
    except QueueError as error:
        if error.code != "queue-in-use":
            raise
        print("In the queue: another process is sending what waits.")
        return 0
    state = waiting.item(item.number).state
    return max(status, 1) if state == REFUSED else 0


def _acknowledgement(options: argparse.Namespace) -> int:
    if options.withheld is not None:
        raise InputError("withheld-differs", "An acknowledgement has no list of what was withheld.")
    acknowledgement, _ = read_document(options.event, ACKNOWLEDGEMENT_TYPE)
    if options.queue:
        return _queued(options, queue.of(options).put_acknowledgement(acknowledgement))
    made = connecting.registry(options, DEMONSTRATION_SCOPE).acknowledge(acknowledgement)
    print("Acknowledged." if made.new else "Acknowledged before; this is the first answer again.")
    print(f"  event      {printable(made.event)}")
    print(f"  log index  {made.entry}")
    print(f"  at         {printable(made.recorded_at)}")
    return 0


def _attestation(options: argparse.Namespace) -> int:
    if options.withheld is not None:
        raise InputError("withheld-differs", "An attestation has no list of what was withheld.")
    attestation, claims = read_document(options.event, ATTESTATION_TYPE)
    agreement, version = claims.get("agreement"), claims.get("version")
    if not (isinstance(agreement, str) and isinstance(version, str)):
        raise InputError("document-malformed", f"{options.event} does not say which version it attests.")
    made = connecting.registry(options, DEMONSTRATION_SCOPE).send_attestation(attestation, agreement, version)
    print("Attested." if made.new else "Attested before; this is the first answer again.")
    print(f"  attestation  {printable(made.attestation)}")
    print(f"  log index    {made.entry}")
    print(f"  at           {printable(made.logged_at)}")
    print(f"  receipt      {printable(made.receipt)}")
    return 0


def _withheld(path: Path | None, named: object) -> str | None:
    """The event names the list by its hash: one without the other, or another list, would be refused."""
    if path is None:
        if named is not None:
            raise InputError("withheld-missing", "The event names a list of what was withheld: give --withheld FILE.")
        return None
    compact, _ = read_document(path, WITHHELD_TYPE)
    if document_sha256(compact) != named:
        raise InputError("withheld-differs", f"{path} is not the list that the event names by its SHA-256.")
    return compact
