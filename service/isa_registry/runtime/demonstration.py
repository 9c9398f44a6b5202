"""The demonstration's state: a directory with a database, keys, and who can sign in. Everything in it is invented."""

from __future__ import annotations

import hashlib
import importlib.metadata
import secrets
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from isa_registry.actions.founding import (
    Founding,
    FoundingClient,
    FoundingIssuer,
    FoundingKey,
    FoundingOrganisation,
    FoundingRole,
    read_founding,
)
from isa_registry.data import data_directory
from isa_registry.domain.access_entries import SignIn
from isa_registry.identity.demonstration import ALGORITHM, DemonstrationIdentity
from isa_registry.identity.demonstration_keys import load_or_create
from isa_registry.identity.demonstration_people import role_of
from isa_registry.identity.signing import Jwk, new_signing_key
from isa_registry.ledger.checkpoints import LogKeys, parse_log_keys
from isa_registry.runtime.log_keys.files import KeyFileError, write_private
from isa_verify.encoding import encode_base64url

ORIGIN = "demo.isa-registry.invalid/durham"
CHECKPOINTER = "checkpointer"
OUTSIDE = Path("outside") / "checkpoint"
LOCAL_COPY = "local-copy"
VKEYS = "log.vkeys"
AUDIENCE = "urn:isa-registry:demo"
METRICS_TOKEN = "demonstration-metrics"  # noqa: S105 - nothing of a demonstration is secret
KEYS_VALID_FROM = "2026-01-01T00:00:00.000Z"
_DOCUMENT = Path("durham/demonstration.json")


class DemonstrationState(Struct, frozen=True):
    """What a state directory was made from; another version's is refused."""

    version: str
    texts_sha256: str


class OtherStateError(Exception):
    """The directory was made from other texts or by another version. The message says how to start anew."""


def demonstration_document() -> Founding:
    """Who belongs to the demonstration's partnership."""
    return read_founding((data_directory("agreements") / _DOCUMENT).read_bytes())


def current_state() -> DemonstrationState:
    """What this version would make a state directory from."""
    digest = hashlib.sha256()
    for directory in (data_directory("agreements"), data_directory("migrations")):
        for path in sorted(path for path in directory.rglob("*") if path.suffix in (".md", ".json", ".sql")):
            digest.update(path.relative_to(directory).as_posix().encode() + b"\n" + path.read_bytes() + b"\n")
    return DemonstrationState(version=importlib.metadata.version("isa-registry"), texts_sha256=digest.hexdigest())


def is_founded(state: Path) -> bool:
    """Whether the directory holds a whole demonstration. Raises `OtherStateError` where it is another version's."""
    marker = state / "demo" / "state.json"
    if not marker.exists():
        return False
    if msgspec.json.decode(marker.read_bytes(), type=DemonstrationState) != current_state():
        raise OtherStateError(
            f"{state} was made from other texts or by another version of the registry. "
            f"Remove that directory to start anew, or name another one with --state."
        )
    return True


def read_vkeys(state: Path) -> LogKeys:
    """The demonstration's log keys, as it wrote them down. Raises `KeyFileError`."""
    try:
        return parse_log_keys(ORIGIN, (state / VKEYS).read_text(encoding="ascii"))
    except (OSError, ValueError):
        raise KeyFileError(f"{state / VKEYS} does not hold the log's two verifier keys.") from None


def mark_founded(state: Path) -> None:
    (state / "demo" / "state.json").write_bytes(msgspec.json.encode(current_state()))


def demonstration_identity(state: Path, base_url: str, *, now: Callable[[], float]) -> DemonstrationIdentity:
    """The identity providers of all bodies, with keys kept in the state directory. `now` is seconds since 1970."""
    document = demonstration_document()
    names = {body.organisation: body.name for body in document.organisations}
    directory = state / "demo" / "idp"
    return DemonstrationIdentity(
        base=base_url,
        organisations=names,
        keys={organisation: load_or_create(directory, organisation) for organisation in names},
        lead_body=document.lead_body,
        clock=now,
        audience=AUDIENCE,
    )


def with_access(document: Founding, state: Path, provider: DemonstrationIdentity) -> Founding:
    """The document with each body's issuer, client, people and signing key, and the private keys written down."""
    return replace(
        document,
        organisations=tuple(_with_access(body, state, provider) for body in document.organisations),
    )


def _with_access(body: FoundingOrganisation, state: Path, provider: DemonstrationIdentity) -> FoundingOrganisation:
    organisation = body.organisation
    issuer = provider.issuer(organisation)
    public = _agency_key(state / "demo" / "keys", organisation)
    return replace(
        body,
        issuers=(issuer_of(provider, organisation),),
        clients=(FoundingClient(client=f"{organisation}-system", scopes=tuple(provider.scopes(organisation))),),
        roles=tuple(
            FoundingRole(issuer=issuer, subject=person, role=role_of(person))
            for person in provider.people(organisation)
        ),
        keys=(
            FoundingKey(
                kid=public["kid"],
                algorithm="Ed25519",
                jwk={name: public[name] for name in ("kty", "crv", "x")},
                uses=("event", "acknowledgement"),
                valid_from=KEYS_VALID_FROM,
            ),
        ),
    )


def issuer_of(provider: DemonstrationIdentity, organisation: str) -> FoundingIssuer:
    """The issuer as the registry knows it."""
    return FoundingIssuer(
        issuer=provider.issuer(organisation),
        audiences=(AUDIENCE,),
        algorithms=(ALGORITHM,),
        profile="rfc9068",
        sign_in=SignIn(client="isa-registry", authentication="none"),
    )


def _agency_key(directory: Path, organisation: str) -> Jwk:
    """The body's public signing key; its private half and its subject-reference key lie in the directory."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    private, public = new_signing_key(f"{organisation}-1")
    for name, content in (
        (f"{organisation}.jwk", msgspec.json.encode(private)),
        (f"{organisation}.subject-key", encode_base64url(secrets.token_bytes(32)).encode()),
    ):
        (directory / name).unlink(missing_ok=True)
        write_private(directory / name, content)
    return public
