"""The command line: `isa-registry COMMAND`."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

# A command loads what it needs and no more: a witness runs where there is neither a database nor a web framework.
_MODULES = {
    "demo": "demo",
    "serve": "serve",
    "checkpoint": "checkpoint",
    "migrate": "migrate",
    "import": "import_",
    "keys": "keys",
    "issuer": "issuer",
    "fsck": "fsck",
    "export": "export",
    "replay": "replay",
    "agreements": "agreements",
    "catalogue": "catalogue",
    "law-watch": "law_watch",
    "report": "report",
    "witness": "witness",
    "erase": "erase",
    "rotate-log-key": "rotate_log_key",
    "continue": "continue_",
}


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="isa-registry",
        description="The information-sharing agreement and consent registry for safeguarding children partnerships.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = (sys.argv[1:] if arguments is None else arguments)[:1]
    for command in named if named and named[0] in _MODULES else _MODULES:
        import_module(f"isa_registry.cli.{_MODULES[command]}").add_parser(commands)
    _add_openapi(commands)
    chosen = parser.parse_args(arguments)
    return int(chosen.run(chosen))


def _add_openapi(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("openapi", help="write the published schemas into a directory")
    parser.add_argument("directory", type=Path, nargs="?", default=Path("schemas"))
    parser.set_defaults(run=_openapi)


def _openapi(arguments: argparse.Namespace) -> int:
    from isa_registry.api.schemas import write_schemas

    write_schemas(arguments.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
