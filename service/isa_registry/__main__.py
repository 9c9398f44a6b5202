"""The command line: `isa-registry COMMAND`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

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


class _Parser(argparse.ArgumentParser):
    """A command whose own help begins, where it says nothing else, with what the list of commands says of it."""

    def __init__(self, **about: Any) -> None:
        super().__init__(**about)
        self.register("action", "parsers", _Commands)


class _Commands(argparse._SubParsersAction):  # type: ignore[type-arg]  # noqa: SLF001  it has no other name
    def add_parser(self, name: str, **about: Any) -> argparse.ArgumentParser:
        told = about.get("help")
        if told:
            about.setdefault("description", f"{told[0].upper()}{told[1:]}.")
        return cast("argparse.ArgumentParser", super().add_parser(name, **about))


def parser_of(names: Iterable[str]) -> argparse.ArgumentParser:
    """The parser of these commands, and of `openapi`."""
    parser: argparse.ArgumentParser = _Parser(
        prog="isa-registry",
        description="The information-sharing agreement and consent registry for safeguarding children partnerships.",
        epilog="Settings come from the environment (docs/settings.md). Exit status: 0 done, and nothing found; 1 "
        "refused, or something found; 2 could not run.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in names:
        import_module(f"isa_registry.cli.{_MODULES[command]}").add_parser(commands)
    _add_openapi(commands)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    named = (sys.argv[1:] if arguments is None else arguments)[:1]
    chosen = parser_of(named if named and named[0] in _MODULES else _MODULES).parse_args(arguments)
    return int(chosen.run(chosen))


def _add_openapi(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("openapi", help="write the published schemas into a directory")
    parser.add_argument("directory", type=Path, nargs="?", default=Path("schemas"), help="default: schemas")
    parser.set_defaults(run=_openapi)


def _openapi(arguments: argparse.Namespace) -> int:
    from isa_registry.api.schemas import write_schemas

    write_schemas(arguments.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
