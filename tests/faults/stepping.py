"""Every step that a checkpointer takes, found by watching it: each can be where it ends, or fails.

Watched is what reaches the world: calls to the database, system calls on the outside file, and signatures. A step that
is added later is watched without being listed anywhere.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import asyncpg
import pytest

from isa_registry.ledger.checkpoints import LogKeys, LogSigner
from isa_registry.ledger.log_keys import LoggedRotation
from isa_registry.runtime.checkpoints import outside_store
from isa_registry.runtime.checkpoints.publisher import Cosigned, ProofFrom, Testimony
from isa_registry.store.publication import Cosignature
from isa_registry.store.witnesses import StoredWitness

How = Literal["killed", "not done", "done but reported failed"]

DATABASE_CALLS = ("execute", "fetch", "fetchrow", "fetchval")
"""Transactions begin and commit by one of them."""


class Killed(BaseException):
    """The process ends here: nothing that it would have done next is done, its sessions are lost."""


class Steps:
    """Breaks the first step that was not broken before, and says which: `tried` holds every one that was, by its name
    and how often it came before in the same process, up to the third time."""

    def __init__(self, tried: set[tuple[str, int]] | None = None, how: How = "killed") -> None:
        self.tried = tried
        self.how = how
        self.seen: list[str] = []
        self.broken: str | None = None

    def before(self, name: str, error: Callable[[], Exception]) -> None:
        if self.broken is not None and self.how == "killed":
            raise Killed
        if self.how == "not done" and self._is_new(name):
            raise error()

    def after(self, name: str, error: Callable[[], Exception]) -> None:
        new = self.how != "not done" and self._is_new(name)
        self.seen.append(name)
        if new:
            raise Killed if self.how == "killed" else error()

    def _is_new(self, name: str) -> bool:
        step = name, self.seen.count(name)
        if self.tried is None or self.broken is not None or step in self.tried or step[1] >= 3:
            return False
        self.tried.add(step)
        self.broken = name
        return True


_WATCHED: ContextVar[Steps | None] = ContextVar("watched", default=None)


@contextmanager
def watched(steps: Steps) -> Iterator[None]:
    """Tasks that are begun in the block are watched, and those that they begin."""
    token = _WATCHED.set(steps)
    try:
        yield
    finally:
        _WATCHED.reset(token)


def _lost() -> Exception:
    return ConnectionResetError("broken by the test")


def _full() -> Exception:
    return OSError(28, "No space left on device")


class _System:
    """The module `os`, as the outside store uses it."""

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        # What only asks, and closing, which happens to a process that is killed as well.
        return _call(f"file {name}", found) if callable(found) and name not in ("close", "fspath", "fstat") else found


def _call(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        steps = _WATCHED.get()
        if steps is None:
            return original(*values, **named)
        steps.before(name, _full)
        found = original(*values, **named)
        try:
            steps.after(name, _full)
        except BaseException:
            if name == "file open":
                os.close(found)
            elif name == "file fdopen":
                found.close()
            raise
        return found

    return call


def _asynchronous(name: str) -> Callable[..., Any]:
    original = getattr(asyncpg.Connection, name)

    async def call(self: Any, *values: Any, **named: Any) -> Any:
        steps = _WATCHED.get()
        if steps is None:
            return await original(self, *values, **named)
        told = " ".join([line for line in values[0].split("\n") if not line.startswith("--")])
        steps.before(told, _lost)
        found = await original(self, *values, **named)
        steps.after(told, _lost)
        return found

    return call


@pytest.fixture
def stepping(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has everything watched that `watched` tasks do."""
    for name in DATABASE_CALLS:
        monkeypatch.setattr(asyncpg.Connection, name, _asynchronous(name))
    monkeypatch.setattr(outside_store, "os", _System())
    monkeypatch.setattr(Path, "rename", _call("file rename", Path.rename))


class CountingSigner(LogSigner, frozen=True, kw_only=True):
    """Keeps everything that it ever signed in `signed`: (size, root, note)."""

    signed: list[tuple[int, bytes, bytes]]

    def sign(self, size: int, root: bytes, at: int, rotations: Sequence[LoggedRotation] = ()) -> bytes:
        steps = _WATCHED.get()
        if steps is not None:
            steps.before("sign", _lost)
        note = super().sign(size, root, at, rotations)
        self.signed.append((size, root, note))
        if steps is not None:
            steps.after("sign", _lost)
        return note


class Agreeing:
    """A witness that cosigns everything at once."""

    async def gather(self, note: bytes, size: int, root: bytes, proof_from: ProofFrom) -> Cosigned:
        await proof_from(max(0, size - 1))
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return Cosigned(
            lines=(Cosignature(name="w", key_id=b"0123", at=at, line=f"— w cosigned{size}"),), satisfied=True
        )

    async def testimony(self) -> Testimony:
        return Testimony(signed=(), satisfied=True)

    def follow(self, keys: LogKeys) -> None:
        """It takes every key at its word."""

    def standing(self, now: datetime) -> list[StoredWitness]:
        return []


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
