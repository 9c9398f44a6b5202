"""`isa-client acknowledge`: sign that what an event says was shared with you has come, or that something else has."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from isa_client.acknowledgements import sign_acknowledgement
from isa_client.commands import connecting
from isa_client.documents import EVENT_TYPE, SigningKey, read_document
from isa_client.errors import InputError
from isa_client.events import time_of

DEMONSTRATION_SCOPE = "events:read"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    connecting.add_keys(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--event", metavar="ID", help="the id of the event, which is fetched from the registry")
    which.add_argument("--event-file", metavar="FILE", type=Path, help="the signed event itself")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--matches", action="store_true", dest="matches", help="what came is what the event says")
    what.add_argument("--differs", action="store_false", dest="matches", help="something else came, or nothing")
    parser.add_argument("--received-at", metavar="TIME", help="RFC 3339 UTC with milliseconds (default: now)")
    parser.add_argument(
        "-o", "--out", metavar="FILE", type=Path, required=True, help="the file for the signed acknowledgement"
    )


def run(options: argparse.Namespace) -> int:
    """Sign the acknowledgement into a file. Nothing is sent: isa-client send does that."""
    own, key = connecting.organisation(options), SigningKey.read(connecting.signing_key_path(options))
    if options.event_file is not None:
        event, _ = read_document(options.event_file, EVENT_TYPE)
    else:
        shown = connecting.registry(options, DEMONSTRATION_SCOPE).event(options.event)
        document = shown.get("event")
        if not isinstance(document, str):
            raise InputError("event-missing", "The registry shows no signed event under this id.")
        event = document
    received_at = options.received_at or time_of(datetime.now(UTC))
    signed = sign_acknowledgement(key, event, recipient=own, received_at=received_at, matches=options.matches)
    connecting.write_private(options.out, signed.encode("ascii") + b"\n")
    print(f"Signed as {own} ({'matches' if options.matches else 'differs'}): {options.out}")
    return 0
