"""`isa-registry witness`: makes and runs a witness, which needs neither database nor settings."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
import time
from pathlib import Path

from isa_registry.ledger.witness import MAX_REQUEST_SIZE, Cosigner, read_logs
from isa_registry.runtime.witnesses.place import WitnessPlace, WitnessPlaceError, make_witness, read_witness
from isa_registry.runtime.witnesses.server import WitnessServer
from isa_registry.runtime.witnesses.small_http import SmallHttpServer
from isa_registry.telemetry import configure_logging
from isa_verify.errors import MalformedError

_LISTEN = re.compile(r"(?:\[([0-9a-f:]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("witness", help="run a witness of other bodies' logs, on a machine of your own")
    parts = parser.add_subparsers(required=True, metavar="COMMAND")
    keys = parts.add_parser("keys", help="make a new witness: two keys and an empty memory")
    keys.add_argument("directory", type=Path, help="where the witness is to lie")
    keys.add_argument("--name", required=True, help="the witness's name, as witness.example.org/police")
    keys.add_argument("--url", default="https://WITNESS-ADDRESS", help="where logs will reach it, for the policy lines")
    keys.set_defaults(run=_make)
    show = parts.add_parser("show", help="check the keys and the memory, and print both")
    show.add_argument("directory", type=Path, help="where the witness lies")
    show.set_defaults(run=_show)
    serve = parts.add_parser("serve", help="cosign checkpoints that logs submit")
    serve.add_argument("directory", type=Path, help="where the witness lies")
    serve.add_argument(
        "--log-vkeys", type=Path, required=True, help="the keys of the logs to be witnessed, a line each"
    )
    serve.add_argument("--listen", default="127.0.0.1:8017", metavar="HOST:PORT", help="default: %(default)s")
    serve.set_defaults(run=_serve)


def _make(arguments: argparse.Namespace) -> int:
    try:
        cosigner = make_witness(arguments.directory, arguments.name)
    except WitnessPlaceError as error:
        return _could_not(error)
    for line in (*_vkeys(cosigner), "", *policy_lines(cosigner, arguments.url)):
        print(line)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    try:
        cosigner, records = read_witness(arguments.directory)
    except WitnessPlaceError as error:
        return _could_not(error)
    for vkey in _vkeys(cosigner):
        print(vkey)
    for origin, record in sorted(records.items()):
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.at))
        print(f"{origin} size {record.checkpoint.size} cosigned {at}")
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    listen = _LISTEN.fullmatch(arguments.listen)
    if listen is None:
        return _could_not("--listen takes a host and a port, as 127.0.0.1:8017.")
    try:
        logs = read_logs(arguments.log_vkeys.read_text(encoding="utf-8"))
        with WitnessPlace(arguments.directory) as place:
            configure_logging("info")
            server = WitnessServer(place, logs, now=time.time, monotonic=time.monotonic)
            asyncio.run(_until_told(server, listen[1] or listen[2], int(listen[3])))
    except MalformedError as error:
        return _could_not(f"{arguments.log_vkeys}: {error.detail}")
    except UnicodeDecodeError:
        return _could_not(f"{arguments.log_vkeys} is not text.")
    except (WitnessPlaceError, OSError, OverflowError) as error:
        return _could_not(error)
    return 0


async def _until_told(witness: WitnessServer, host: str, port: int) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    server = SmallHttpServer(witness.answer, max_body=MAX_REQUEST_SIZE)
    bound = await server.start(host, port)
    print(f"Witnessing at {host}:{bound}", file=sys.stderr, flush=True)
    try:
        await told.wait()
    finally:
        await server.stop()


def policy_lines(cosigner: Cosigner, url: str) -> tuple[str, str]:
    """The two `witness` lines of a C2SP tlog-policy that name this witness's keys, under two local names."""
    label = re.sub(r"[^A-Za-z0-9.-]+", "-", cosigner.name)
    ed25519, ml_dsa_44 = _vkeys(cosigner)
    return f"witness {label} {ed25519} {url}", f"witness {label}-ml-dsa-44 {ml_dsa_44} {url}"


def _vkeys(cosigner: Cosigner) -> tuple[str, str]:
    ed25519, ml_dsa_44 = cosigner.keys
    return str(ed25519), str(ml_dsa_44)


def _could_not(reason: object) -> int:
    print(f"isa-registry witness: {reason}", file=sys.stderr)
    return 2
