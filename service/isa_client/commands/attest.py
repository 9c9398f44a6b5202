"""`isa-client attest`: sign a version of an agreement for your organisation, with the signatory's own key."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from isa_client.attestations import (
    AUTHORITIES,
    Authority,
    Consulted,
    schedule_sha256,
    sign_attestation,
    text_sha256,
)
from isa_client.commands import connecting
from isa_client.documents import SigningKey
from isa_client.errors import InputError
from isa_client.events import time_of
from isa_client.key_proofs import Signatory
from isa_client.registry import log_origin


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_keys(parser)
    made = parser.add_argument_group("what is signed")
    made.add_argument("--agreement", metavar="ID/VERSION", required=True)
    made.add_argument("--text", metavar="FILE", type=Path, required=True, help="the words, as you read them")
    made.add_argument("--schedule", metavar="FILE", type=Path, required=True, help="the schedule, as you read it")
    made.add_argument("--signatory", metavar="ROLE=REF", required=True, help="who signs: a role, and your reference")
    made.add_argument(
        "--authority",
        metavar="CODE=REF",
        required=True,
        help="on what authority, and where you hold it. Codes: " + ", ".join(AUTHORITIES),
    )
    made.add_argument(
        "--consulted", metavar="ROLE=DATE", action="append", default=[], help="who was asked before; repeatable"
    )
    made.add_argument(
        "--reservation", metavar="PURPOSE", action="append", default=[], help="what you do not agree to; repeatable"
    )
    made.add_argument("--attested-at", metavar="TIME", help="RFC 3339 UTC with milliseconds (default: now)")
    made.add_argument("--partnership", metavar="ID", default="durham", help="default: durham")
    made.add_argument("--registry", metavar="ORIGIN", help="the name of the registry's log (default: asked of URL)")
    made.add_argument("-o", "--out", metavar="FILE", type=Path, required=True)


def run(options: argparse.Namespace) -> int:
    """Sign exactly what the two files hold, into a file. Nothing is sent, and the private key stays where it is."""
    key = SigningKey.read(connecting.signing_key_path(options))
    own, (agreement, version) = connecting.organisation(options), _pair(options.agreement, "/", "--agreement ID/VERSION")
    text, schedule = _read(options.text), _read(options.schedule)
    signed = sign_attestation(
        key,
        registry=options.registry or log_origin(options.url, connecting.connection(options)),
        partnership=options.partnership,
        organisation=own,
        agreement=agreement,
        version=version,
        text=text,
        schedule=schedule,
        signatory=Signatory(*_pair(options.signatory, "=", "--signatory ROLE=REF")),
        authority=Authority(*_pair(options.authority, "=", "--authority CODE=REF")),
        consulted=[Consulted(*_pair(one, "=", "--consulted ROLE=DATE")) for one in options.consulted],
        reservations=options.reservation,
        attested_at=options.attested_at or time_of(datetime.now(UTC)),
    )
    connecting.write_private(options.out, signed.encode("ascii"))
    print(f"Signed {agreement}/{version} as {own}: {options.out}")
    print(f"  words     {text_sha256(text)}")
    print(f"  schedule  {schedule_sha256(schedule)}")
    print(f"Send it to /api/v1/agreements/{agreement}/versions/{version}/attestations.")
    return 0


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InputError("file-unreadable", f"{path} cannot be read.") from None


def _pair(text: str, between: str, form: str) -> tuple[str, str]:
    left, separator, right = text.partition(between)
    if not (left and separator and right):
        raise InputError("option-malformed", f"An option is not of the form {form}.")
    return left, right
