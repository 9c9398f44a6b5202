"""The command line: `isa-registry COMMAND`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from isa_registry.api.schemas import write_schemas
from isa_registry.cli import agreements, catalogue, demo, fsck, import_, keys, migrate, serve


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="isa-registry",
        description="The information-sharing agreement and consent registry for safeguarding children partnerships.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in (demo, serve, migrate, import_, keys, fsck, agreements, catalogue):
        command.add_parser(commands)
    _add_openapi(commands)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _add_openapi(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("openapi", help="write the published schemas into a directory")
    parser.add_argument("directory", type=Path, nargs="?", default=Path("schemas"))
    parser.set_defaults(run=_openapi)


def _openapi(arguments: argparse.Namespace) -> int:
    write_schemas(arguments.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
