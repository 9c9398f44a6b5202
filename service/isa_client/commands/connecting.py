"""What every command shares: which registry, which organisation, whose tokens, and where the keys lie."""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from isa_client.client_keys import ClientKey
from isa_client.connections import Connection, is_loopback
from isa_client.errors import InputError
from isa_client.events import check_code
from isa_client.private_files import write_whole
from isa_client.references import nhs_number
from isa_client.registry import Registry
from isa_client.subject_keys import SubjectKeys
from isa_client.tokens import ClientCredentials, TokenSource

DEFAULT_URL = "http://127.0.0.1:8000"
DEFAULT_STATE = "var/demo"
DEMONSTRATION_SECRET = "demo"  # noqa: S105  every demonstration register has this one; no other does


def add_common(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the registry is and who calls it."""
    group = parser.add_argument_group("the registry and the caller")
    option(group, "--url", "ISA_URL", f"the registry's address (default {DEFAULT_URL})", DEFAULT_URL)
    option(
        group, "--as", "ISA_ORGANISATION", "the id of your organisation", None, "--organisation", dest="organisation"
    )
    group.add_argument("--allow-http", action="store_true", help="permit plain http to other machines")


def add_sign_in(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to get an access token."""
    group = parser.add_argument_group("the access token")
    option(group, "--issuer", "ISA_ISSUER", "your OIDC issuer (default: the demonstration's, on this machine)", None)
    option(group, "--client", "ISA_CLIENT_ID", "the client id (default: ORGANISATION-system)", None)
    group.add_argument("--secret", help="the client secret; better given as ISA_CLIENT_SECRET, or - for standard input")
    option(group, "--client-key", "ISA_CLIENT_KEY", "a private JWK instead of the secret (private_key_jwt)", None)
    group.add_argument(
        "--assertion-for",
        choices=("issuer", "token-endpoint"),
        default="issuer",
        help="with --client-key: whom the assertion names as its audience (default: the issuer)",
    )
    option(group, "--resource", "ISA_RESOURCE", "whom the token is for, if your issuer wants to be told", None)
    option(group, "--scope", "ISA_SCOPE", "scopes to ask the issuer for, separated by spaces", None)


def add_keys(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where the organisation's keys lie."""
    group = parser.add_argument_group("your organisation's keys")
    option(group, "--state", "ISA_STATE", f"the demonstration's state (default {DEFAULT_STATE})", DEFAULT_STATE)
    option(group, "--key", "ISA_KEY", "the signing key (default: STATE/demo/keys/ORGANISATION.jwk)", None)
    option(group, "--subject-key", "ISA_SUBJECT_KEY", "the key of subject references (default: beside KEY)", None)


def organisation(options: argparse.Namespace) -> str:
    """Return the caller's organisation. Raises `InputError` where none is named."""
    if not options.organisation:
        raise InputError("organisation-missing", "Say which organisation you act for: --as ID, or ISA_ORGANISATION.")
    return check_code(options.organisation, "organisation")


def connection(options: argparse.Namespace) -> Connection:
    """Return the way out that the options permit."""
    return Connection(allow_http=options.allow_http)


def tokens(options: argparse.Namespace, demonstration_scope: str) -> TokenSource:
    """Return where this organisation's tokens come from.

    Without an issuer it is the demonstration's on this machine, which is asked for `demonstration_scope` and whose
    secret is public. Raises `InputError` where that default does not apply and something is missing.
    """
    own, url = organisation(options), connection(options).check_url(options.url)
    issuer, scope, secret = options.issuer, options.scope, _secret(options, os.environ)
    if not issuer:
        if not is_loopback(urlsplit(url).hostname or ""):
            raise InputError("issuer-missing", "Say where your tokens come from: --issuer URL, or ISA_ISSUER.")
        issuer = f"{url}/demo/idp/{own}"
        scope = scope or demonstration_scope
        secret = secret or DEMONSTRATION_SECRET
    key = ClientKey.read(Path(options.client_key)) if options.client_key else None
    if not (secret or key):
        raise InputError("secret-missing", "Set ISA_CLIENT_KEY, or the client secret as ISA_CLIENT_SECRET.")
    credentials = ClientCredentials(
        issuer,
        options.client or f"{own}-system",
        "" if key else secret or "",
        scope or None,
        key=key,
        resource=options.resource or None,
        for_token_endpoint=options.assertion_for == "token-endpoint",
    )
    return TokenSource(credentials, connection(options))


def registry(options: argparse.Namespace, demonstration_scope: str) -> Registry:
    """Return the registry, called with this organisation's tokens."""
    return Registry(options.url, tokens(options, demonstration_scope), connection(options))


def signing_key_path(options: argparse.Namespace) -> Path:
    """Return where the organisation's signing key lies."""
    if options.key:
        return Path(options.key)
    return Path(options.state, "demo", "keys", f"{organisation(options)}.jwk")


def subject_keys(options: argparse.Namespace) -> SubjectKeys:
    """Return the organisation's keys of subject references. Raises `InputError`."""
    return SubjectKeys.read(subject_key_path(options))


def subject_key_path(options: argparse.Namespace) -> Path:
    """Return where the organisation's keys of subject references lie."""
    if options.subject_key:
        return Path(options.subject_key)
    return signing_key_path(options).parent / f"{organisation(options)}.subject-key"


def add_subjects(parser: argparse.ArgumentParser, purpose: str) -> None:
    """Add the options that name people, who leave this machine as keyed references alone."""
    parser.add_argument(
        "--subject-id",
        metavar="ID",
        action="append",
        default=[],
        help=f"your own identifier of {purpose} (- for lines of standard input): it never leaves this machine, only a "
        "keyed reference does",
    )
    parser.add_argument(
        "--nhs-number",
        metavar="NUMBER",
        action="append",
        type=_nhs_number,
        dest="subject_id",
        help="the same with an NHS number, whose check digit is looked at here",
    )


def _nhs_number(text: str) -> str:
    try:
        return nhs_number(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(error.detail) from None


def subject_identifiers(given: list[str]) -> list[str]:
    """Return the identifiers of people, one per subject; `-` stands for the lines of standard input."""
    found: list[str] = []
    for one in given:
        found += sys.stdin.read().splitlines() if one == "-" else [one]
    return found


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read: whole and on the disk, or not at all. What is no file, such as
    /dev/stdout, is written to. Raises `InputError` where that cannot be done."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
        else:
            write_whole(path.resolve(), content, replace=True)
    except OSError:
        raise InputError("file-unwritable", f"{path} cannot be written.") from None


def _secret(options: argparse.Namespace, environment: Mapping[str, str]) -> str | None:
    if options.secret == "-":  # noqa: S105  the option's value for "standard input"
        return sys.stdin.readline().rstrip("\n")
    return options.secret or environment.get("ISA_CLIENT_SECRET")


def option(
    group: argparse._ActionsContainer,
    name: str,
    variable: str,
    text: str,
    default: str | None,
    *aliases: str,
    dest: str | None = None,
) -> None:
    """Add an option that an environment variable can give too."""
    destination = dest or name.removeprefix("--").replace("-", "_")
    group.add_argument(
        name,
        *aliases,
        dest=destination,
        metavar=destination.upper(),
        default=os.environ.get(variable) or default,
        help=f"{text}; {variable}",
    )
