"""`isa-registry issuer check`: whether an organisation's identity provider is ready, and what to change if not."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import TextIO

import msgspec

from isa_registry.cli.place import STATE_HELP, place
from isa_registry.domain.access_entries import IssuerRegistered, SignIn
from isa_registry.outbound.fetching import Fetcher
from isa_registry.runtime.embedded.postgres import EmbeddedPostgresError
from isa_registry.runtime.follower import Follower
from isa_registry.runtime.issuer_check import IssuerReport, check_issuer, grants_in
from isa_registry.runtime.log_keys.files import KeyFileError
from isa_registry.settings import SettingsError
from isa_registry.store.pool import DatabaseError

_LARGEST_TOKEN = 64 * 1024
_MARKS = {"right": "right", "doubtful": "LOOK", "wrong": "WRONG"}


class _CouldNotRun(Exception):
    """The message says why."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("issuer", help="an organisation's identity provider: look whether it is ready")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    check = actions.add_parser(
        "check",
        help="look at what an issuer publishes, and at a sample token, and say what is wrong and what to change",
        description="Looks at a registered issuer (--organisation), or at one that is to be registered (--issuer, "
        "--audience, --algorithm, --profile). Exit status: 0 nothing is wrong, 1 something is, 2 it could not be run.",
    )
    check.add_argument("--organisation", metavar="ID", help="whose registered issuers; with --issuer, one of them")
    check.add_argument("--issuer", metavar="URL", help="the issuer, exactly as the provider writes it")
    check.add_argument("--audience", action="append", default=[], metavar="TEXT", help="an audience of its tokens")
    check.add_argument("--algorithm", action="append", default=[], metavar="ALG", help="as RS256 or ES256")
    check.add_argument("--profile", choices=("rfc9068", "entra-v2", "cis2", "generic"), help="how its tokens look")
    check.add_argument("--claim", help="where the issuer serves several bodies: the claim that tells them apart")
    check.add_argument("--value", help="and this body's value in it")
    check.add_argument("--sign-in", metavar="CLIENT", help="look at people's signing in too, by this client there")
    check.add_argument(
        "--authentication",
        default="private_key_jwt",
        choices=("private_key_jwt", "client_secret_basic", "none"),
        help="with --sign-in: how that client proves itself",
    )
    check.add_argument(
        "--token-file", metavar="FILE", help="a sample access token; - reads standard input. It is not stored or shown"
    )
    check.add_argument("--demonstration", action="store_true", help="take a plain http issuer on this machine")
    check.add_argument("--state", type=Path, help=STATE_HELP)
    check.add_argument("--json", action="store_true", help="print the findings as JSON, one report to a line")
    check.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    try:
        token = _read_token(arguments.token_file, sys.stdin)
        reports = asyncio.run(_check(arguments, token))
    except (_CouldNotRun, SettingsError, KeyFileError, EmbeddedPostgresError) as error:
        print(f"isa-registry issuer check: {error}", file=sys.stderr)
        return 2
    except DatabaseError as error:
        print(f"isa-registry issuer check: the database cannot be reached ({type(error).__name__}).", file=sys.stderr)
        return 2
    for report in reports:
        print(msgspec.json.encode(report).decode() if arguments.json else _as_text(report))
    return 0 if all(report.passed for report in reports) else 1


def _read_token(name: str | None, standard_input: TextIO) -> str | None:
    if name is None:
        return None
    try:
        if name == "-":
            return standard_input.read(_LARGEST_TOKEN).strip()
        with Path(name).open(encoding="ascii", errors="replace") as file:
            return file.read(_LARGEST_TOKEN).strip()
    except OSError:
        raise _CouldNotRun("The file with the token cannot be read.") from None


async def _check(arguments: argparse.Namespace, token: str | None) -> list[IssuerReport]:
    if arguments.organisation is not None:
        return await _check_registered(arguments, token)
    if not (arguments.issuer and arguments.audience and arguments.algorithm and arguments.profile):
        raise _CouldNotRun("Give --organisation, or --issuer with --audience, --algorithm and --profile.")
    use = IssuerRegistered(
        organisation="",
        issuer=arguments.issuer,
        audiences=tuple(arguments.audience),
        algorithms=tuple(arguments.algorithm),
        profile=arguments.profile,
        claim=arguments.claim,
        value=arguments.value,
        sign_in=_sign_in(arguments),
    )
    async with Fetcher(allow_http_loopback=arguments.demonstration) as fetcher:
        report = await check_issuer(
            use, fetcher.fetch_json, time.time, demonstration=arguments.demonstration, token=token
        )
    return [report]


async def _check_registered(arguments: argparse.Namespace, token: str | None) -> list[IssuerReport]:
    with place(arguments.state) as found:
        follower = Follower(found.database_url)
        await follower.start()
        try:
            view = follower.view
        finally:
            await follower.stop()
    opened = view.opened()
    demonstration = opened is not None and opened.demo
    wanted = arguments.organisation, arguments.issuer
    uses = [use for use in view.issuers_of(wanted[0]) if wanted[1] in (None, use.issuer)]
    if not uses:
        raise _CouldNotRun("No such issuer is registered for that organisation.")
    if token is not None and len(uses) > 1:
        raise _CouldNotRun("That organisation has several issuers: say with --issuer whose the token is.")
    asked = _sign_in(arguments)
    async with Fetcher(allow_http_loopback=demonstration) as fetcher:
        return [
            await check_issuer(
                use if asked is None else msgspec.structs.replace(use, sign_in=asked),
                fetcher.fetch_json,
                time.time,
                demonstration=demonstration,
                token=token,
                granted=grants_in(view, use.organisation),
            )
            for use in uses
        ]


def _sign_in(arguments: argparse.Namespace) -> SignIn | None:
    if arguments.sign_in is None:
        return None
    return SignIn(client=arguments.sign_in, authentication=arguments.authentication)


def _as_text(report: IssuerReport) -> str:
    counted = {level: sum(one.level == level for one in report.findings) for level in _MARKS}
    lines = [
        (
            f"{report.issuer} ({report.profile}): {counted['wrong']} wrong, {counted['doubtful']} to look at, "
            f"{counted['right']} right"
        ),
        "",
    ]
    for one in report.findings:
        lines.append(f"{_MARKS[one.level]:<7}{one.says} [{one.code}]")
        if one.do:
            lines.append(f"{'':7}To do: {one.do}")
    return "\n".join(lines)
