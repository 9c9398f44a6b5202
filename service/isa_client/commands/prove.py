"""`isa-client prove`: what a person needs to register this system's signing key."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from isa_client.commands import connecting
from isa_client.documents import SigningKey
from isa_client.errors import InputError
from isa_client.events import time_of
from isa_client.key_proofs import USES, Signatory, prove_key, registration
from isa_client.registry import log_origin


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_keys(parser)
    made = parser.add_argument_group("the key")
    made.add_argument("--use", metavar="USE", action="append", choices=USES, help="repeatable (default: event)")
    made.add_argument("--signatory", metavar="ROLE=REF", help="whose an attestation key is")
    made.add_argument("--jwks-uri", metavar="URL", help="where you publish the key; without it the key itself is sent")
    made.add_argument("--valid-from", metavar="TIME", help="RFC 3339 UTC with milliseconds (default: once registered)")
    made.add_argument("--valid-until", metavar="TIME", help="the first moment when the key signs no more")
    made.add_argument("--partnership", metavar="ID", default="durham", help="default: durham")
    made.add_argument("--registry", metavar="ORIGIN", help="the name of the registry's log (default: asked of URL)")
    made.add_argument("-o", "--out", metavar="FILE", type=Path, required=True, help="the file for the request")


def run(options: argparse.Namespace) -> int:
    """Write the request that registers the key. Nothing is sent, and the private key stays where it is."""
    key = SigningKey.read(connecting.signing_key_path(options))
    own, uses = connecting.organisation(options), options.use or ["event"]
    signatory = _signatory(options.signatory)
    proof = prove_key(
        key,
        registry=options.registry or log_origin(options.url, connecting.connection(options)),
        partnership=options.partnership,
        organisation=own,
        uses=uses,
        made_at=time_of(datetime.now(UTC)),
        signatory=signatory,
    )
    body = registration(
        key,
        proof,
        uses=uses,
        signatory=signatory,
        jwks_uri=options.jwks_uri,
        valid_from=options.valid_from,
        valid_until=options.valid_until,
    )
    connecting.write_private(options.out, json.dumps(body, indent=2).encode("ascii") + b"\n")
    print(f"Proved key {key.kid} of {own} for {', '.join(uses)}: {options.out}")
    print(f"  thumbprint  {key.thumbprint}")
    print(f"Within ten minutes, a person sends it to /api/v1/organisations/{own}/keys.")
    return 0


def _signatory(given: str | None) -> Signatory | None:
    if given is None:
        return None
    role, separator, ref = given.partition("=")
    if not (role and separator and ref):
        raise InputError("option-malformed", "An option is not of the form --signatory ROLE=REF.")
    return Signatory(role, ref)
