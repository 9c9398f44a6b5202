"""The state of the log for everybody: how far it goes, who has seen it, which keys sign it, and how to check that.

It says what the public files say, and no more: neither what entries are about, nor when each was made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import plain_time, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.runtime.registry import Registry
from isa_registry.runtime.witnesses.standing import is_healthy, known_witnesses
from isa_registry.store.pool import DatabaseError
from isa_registry.store.witnesses import StoredWitness
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.log_keys import LogKey
from isa_verify.note import ML_DSA_44, VerifierKey, parse_note


class ContinuedLog(Struct, frozen=True):
    """The log that this one continues: its origin, how many entries it had signed, and why it ended."""

    origin: str
    size: int
    reason: str


class WitnessShown(Struct, frozen=True):
    """A cosigning key of the policy. `tag` and `standing`: a code with a colour, and its words; `far` and `when`: how
    far it has cosigned, and when it last did; `wrong`: what went wrong, by its code."""

    name: str
    kind: str
    tag: str
    standing: str
    far: str
    when: str
    wrong: str


class KeyShown(Struct, frozen=True):
    """A verifier key, which sort it is, and the sizes of the log that it signs."""

    kind: str
    vkey: str
    sizes: str
    current: bool


class RotationShown(Struct, frozen=True):
    """A change of keys: the entry that says it, and why."""

    entry: int
    reason: str


_ENDED = {
    "database-restored": "its database was restored from an older copy, which lacked entries that had been signed",
    "database-lost": "its database was lost",
    "operator-changed": "somebody else operates the registry now",
    "keys-lost": "its keys were lost",
}
_STANDINGS = {
    "healthy": ("registered", "Cosigns"),
    "failing": ("suspended", "Could not be asked, or did not answer as it should"),
    "not-asked": ("other", "Not asked yet"),
    "ahead": ("withdrawn", "Says that it has seen a longer log"),
    "disagrees": ("withdrawn", "Has seen another log"),
}
_LATE = ("suspended", "Has not cosigned lately")
_ROTATED = {
    "scheduled": "By plan: old and new keys signed a checkpoint together.",
    "compromise": "Somebody may have had the old keys. Take the new ones from outside this service.",
}


def log_handlers(declare: Callable[[str], Callable[[Callable[..., Any]], HTTPRouteHandler]]) -> list[HTTPRouteHandler]:
    @declare("/log")
    async def log(request: Request) -> Response[bytes]:
        registry = registry_of(request)
        follower, now = registry.follower, registry.now()
        checkpoint, published = follower.checkpoint, follower.published
        seen = await _witnesses(registry)
        return layout_of(request).page(
            "log.html",
            origin=registry.origin,
            log_size=follower.view.size,
            root_hex=follower.root.hex(),
            root_base64=encode_base64(follower.root),
            checkpoint=checkpoint,
            age=None if checkpoint is None else ago(now - checkpoint.signed_at),
            note=None if published is None else published.note.decode("utf-8"),
            published_size=None if published is None else published.size,
            witnesses=None if seen is None else [_witness(one, now) for one in seen],
            keys=[_key(one) for one in registry.keys.trusted],
            rotations=[
                RotationShown(one.index, _ROTATED.get(one.rotation.reason, one.rotation.reason))
                for one in registry.keys.rotations
            ],
            continued=_continued(follower.view),
            address=request.app.state.public_url,
        )

    return [log]


def ago(passed: timedelta) -> str:
    """How long ago something was, roughly, for a person."""
    minutes = max(0, int(passed.total_seconds())) // 60
    for length, name in ((60 * 24, "day"), (60, "hour"), (1, "minute")):
        if minutes >= length:
            many = minutes // length
            return f"{many} {name}{'' if many == 1 else 's'} ago"
    return "less than a minute ago"


async def _witnesses(registry: Registry) -> list[StoredWitness] | None:
    """None while the database is away: the rest of the page stands without it."""
    if not registry.follower.connected:
        return None
    try:
        return await known_witnesses(registry)
    except DatabaseError:
        return None


def _witness(one: StoredWitness, now: datetime) -> WitnessShown:
    tag, words = _STANDINGS[one.state] if one.state != "healthy" or is_healthy(one, now) else _LATE
    return WitnessShown(
        name=one.name,
        kind=_kind(VerifierKey.parse(one.vkey)),
        tag=tag,
        standing=words,
        far="Nothing yet" if one.size is None else f"The first {one.size:,}",
        when="Never" if one.cosigned_at is None else plain_time(one.cosigned_at),
        wrong=one.error or "",
    )


def _continued(view: RegisterView) -> ContinuedLog | None:
    continued = view.continued()
    if continued is None:
        return None
    size = Checkpoint.parse(parse_note(continued.old_checkpoint.encode()).text).size
    return ContinuedLog(origin=continued.old_origin, size=size, reason=_ENDED.get(continued.reason, continued.reason))


def _key(one: LogKey) -> KeyShown:
    last = "on" if one.last is None else f"up to {one.last:,}"
    return KeyShown(
        kind=_kind(one.key),
        vkey=str(one.key),
        sizes=f"From size {one.first:,} {last}",
        current=one.last is None,
    )


def _kind(key: VerifierKey) -> str:
    return "ML-DSA-44" if key.type == ML_DSA_44 else "Ed25519"
