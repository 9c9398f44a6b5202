"""`isa-client events`: the sharing events that you provided or received, and what became of them."""

import argparse

from isa_client.answers import text
from isa_client.calls import STATES
from isa_client.checks import printable
from isa_client.commands import connecting
from isa_verify.encoding import JsonValue

DEMONSTRATION_SCOPE = "events:read"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)
    parser.add_argument("--received", action="store_true", help="those that you received (default: that you provided)")
    parser.add_argument(
        "--state", choices=STATES, help="only these; `--received --state unmatched` awaits your acknowledgement"
    )
    parser.add_argument("--most", metavar="N", type=int, default=50, help="how many to show, newest first (default 50)")


def run(options: argparse.Namespace) -> int:
    """Print a line for each: id, state, decision, the other body, purpose, and when it was decided."""
    registry = connecting.registry(options, DEMONSTRATION_SCOPE)
    side = "recipient" if options.received else "provider"
    cursor: str | None = None
    left = options.most
    while left > 0:
        page = registry.events(side, cursor, state=options.state)
        for line in page.items[:left]:
            print(
                "\t".join(
                    printable(one) for one in _columns(line, other="provider" if options.received else "recipient")
                )
            )
        left -= len(page.items)
        cursor = page.next
        if cursor is None:
            break
    return 0


def _columns(line: dict[str, JsonValue], *, other: str) -> list[str]:
    return [text(line.get(name)) or "-" for name in ("id", "state", "decision", other, "purpose", "decided_at")]
