"""`isa-client send`: have the registry record a signed sharing event."""

import argparse
from pathlib import Path

from isa_client.checks import printable
from isa_client.commands import connecting
from isa_client.documents import EVENT_TYPE, WITHHELD_TYPE, document_sha256, read_document
from isa_client.errors import InputError

DEMONSTRATION_SCOPE = "events:write"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    parser.add_argument("event", metavar="EVENT.jws", type=Path, help="what isa-client sign wrote")
    parser.add_argument("--withheld", metavar="FILE", type=Path, help="the signed list of what was withheld")


def run(options: argparse.Namespace) -> int:
    """Send the event. Sending the same files again is safe and gives the first answer."""
    event, claims = read_document(options.event, EVENT_TYPE)
    withheld = _withheld(options.withheld, claims.get("withheld_sha256"))
    recorded = connecting.registry(options, DEMONSTRATION_SCOPE).send_event(event, withheld)

    print("Recorded." if recorded.new else "Recorded before; this is the first answer again.")
    print(f"  event      {printable(recorded.id)}")
    print(f"  log index  {recorded.entry}")
    print(f"  at         {printable(recorded.recorded_at)}")
    for flag in recorded.flags:
        print(f"  flagged    {printable(flag)}")
    print(f"  receipt    isa-client receipt --event {printable(recorded.id)} -o event.isa-receipt.json")
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
