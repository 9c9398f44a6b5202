"""`isa-client attest`: sign an agreement for your organisation, as its signatory."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from isa_client.attestations import AUTHORITIES, Words, sign_attestation
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
    made = parser.add_argument_group("the attestation")
    made.add_argument("--agreement", metavar="ID/VERSION", required=True, help="what is signed")
    made.add_argument("--words", metavar="FILE", type=Path, required=True, help="agreement.md, as you read it")
    made.add_argument("--schedule", metavar="FILE", type=Path, required=True, help="schedule.json, as you read it")
    made.add_argument("--signatory", metavar="ROLE=REF", required=True, help="as the key was registered")
    made.add_argument("--authority", metavar="CODE=REF", required=True, help=" | ".join(AUTHORITIES))
    made.add_argument("--consulted", metavar="ROLE=DATE", action="append", default=[], help="repeatable")
    made.add_argument("--reserve", metavar="PURPOSE", action="append", default=[], help="not agreed to; repeatable")
    made.add_argument("--for", metavar="ID", dest="bound", help="a body that delegated to yours (default: your own)")
    made.add_argument("--partnership", metavar="ID", default="durham", help="default: durham")
    made.add_argument("--registry", metavar="ORIGIN", help="the name of the registry's log (default: asked of URL)")
    made.add_argument(
        "-o", "--out", metavar="FILE", type=Path, required=True, help="the file for the signed attestation"
    )


def run(options: argparse.Namespace) -> int:
    """Sign the attestation into a file. Nothing is sent."""
    key = SigningKey.read(connecting.signing_key_path(options))
    agreement, _, version = options.agreement.partition("/")
    words = Words.read(agreement, version, _content(options.words), _content(options.schedule))
    bound = options.bound or connecting.organisation(options)
    signed = sign_attestation(
        key,
        words,
        registry=options.registry or log_origin(options.url, connecting.connection(options)),
        partnership=options.partnership,
        organisation=bound,
        signatory=Signatory(*_pair(options.signatory, "--signatory ROLE=REF")),
        authority=_pair(options.authority, "--authority CODE=REF"),
        consulted=[_pair(text, "--consulted ROLE=DATE") for text in options.consulted],
        reservations=options.reserve,
        attested_at=time_of(datetime.now(UTC)),
    )
    connecting.write_private(options.out, signed.encode("ascii") + b"\n")
    print(f"Signed {agreement}, version {version}, for {bound}: {options.out}")
    print(f"  words     {words.text_sha256}")
    print(f"  schedule  {words.schedule_sha256}")
    print(f"Within 24 hours: isa-client send {options.out}")
    return 0


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise InputError("file-unreadable", f"{path} cannot be read.") from None


def _pair(text: str, form: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not (name and separator and value):
        raise InputError("option-malformed", f"An option is not of the form {form}.")
    return name, value
