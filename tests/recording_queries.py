"""What is asked of a database for one piece of work, whatever else the process asks of it meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import asyncpg
import pytest
from asyncpg.pool import Pool

_asked: ContextVar[list[str] | None] = ContextVar("asked of the database", default=None)


class Recorder:
    """Notes each connection that is made or taken, and each statement, in the context of whoever is `watched`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for owner, name in (
            (asyncpg, "connect"),
            (Pool, "acquire"),
            (asyncpg.Connection, "_execute"),
            (asyncpg.Connection, "execute"),
            (asyncpg.Connection, "_prepare"),
        ):
            monkeypatch.setattr(owner, name, _noting(name, getattr(owner, name)))

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        """What is asked by the work within, and by the tasks that it begins."""
        asked: list[str] = []
        token = _asked.set(asked)
        try:
            yield asked
        finally:
            _asked.reset(token)


def _noting(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        asked = _asked.get()
        if asked is not None:
            asked.append(name)
        return call(*args, **kwargs)

    return noted
