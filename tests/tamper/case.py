"""A case of the tamper suite: what is done, what that takes, which tool promises to catch it, and with which code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from tamper.victim import Victim


class Verb(Enum):
    """What can be done to a log and what belongs to it."""

    EDIT = "edit"
    DELETE = "delete"
    INSERT = "insert"
    REORDER = "reorder"
    TRUNCATE = "truncate"
    ROLL_BACK = "roll back"
    FORK = "fork"
    SPLIT_VIEW = "split view"
    TILE = "tile damage"
    RECEIPT = "swapped receipt"
    COSIGNATURE = "cosignature forged, dropped or duplicated"
    KEY = "key-rotation abuse"
    CLOCK = "clock set back"
    INDEX = "index table edited"
    PAYLOAD = "payload edited"
    SALT = "salt shortened"
    TEXT = "agreement text edited"
    FLIP = "a row that permits something, flipped by hand"
    SNAPSHOT = "snapshot edited"
    PUBLICATION = "publication edited"
    ERASURE = "erasure abused"


class Takes(Enum):
    """What whoever does it must have."""

    ANYBODY = "nothing: a file that is handed on"
    SERVER = "the server that answers, or the network before it"
    POLICY = "the policy file that an auditor uses"
    DATABASE = "the database, as its superuser"
    SERVICE = "the service, or its login in the database"
    LOG_KEY = "the log key"
    OPERATOR = "service, database and log key"
    FEW_WITNESSES = "service, database, log key, and witnesses short of a quorum"
    QUORUM = "service, database, log key, and a quorum of witnesses"


class Tool(Enum):
    """Who notices."""

    FSCK = "isa-registry fsck"
    FSCK_OUTSIDE = "isa-registry fsck --outside"
    FSCK_POLICY = "isa-registry fsck --policy"
    FSCK_SIGNATURES = "isa-registry fsck --signatures"
    CHECKPOINTER = "the checkpointer, which then signs nothing"
    WORKER = "each worker, as it starts"
    LOG = "isa-verify log"
    LOG_STATE = "isa-verify log, with what it remembers"
    LOG_POLICY = "isa-verify log --policy"
    RECEIPT = "isa-verify receipt"
    EXPORT = "isa-verify export"
    WITNESS = "every witness"


@dataclass(frozen=True)
class Case:
    """`does` completes "somebody …"."""

    verb: Verb
    does: str
    takes: Takes
    tool: Tool
    code: str

    @property
    def id(self) -> str:
        return f"{self.tool.value}: {self.does}"


Edits = tuple[str, ...] | Callable[[Victim], Awaitable[None]]


@dataclass(frozen=True)
class InDatabase(Case):
    """Edits of a stored log: statements, or whatever else is done to it. `where` is what the finding names, and
    `outside` what the store outside the database holds, if that is looked at."""

    edits: Edits
    where: str = ""

    outside: Callable[[Victim], bytes | None] = lambda _: None

    async def done_to(self, victim: Victim) -> None:
        if callable(self.edits):
            await self.edits(victim)
        else:
            await victim.edit(*self.edits)


@dataclass(frozen=True)
class Shown(Case):
    """What is shown to somebody outside: `honest` makes what `verify` accepts, and `change` what it must refuse."""

    honest: Callable[[], Any]
    change: Callable[[Any], Any]
    verify: Callable[[Any], object]


@dataclass(frozen=True)
class Cited(Case):
    """A case that a test elsewhere has made already: `test` is where."""

    test: str


@dataclass(frozen=True)
class Silent:
    """What `tool` alone does not notice, and who does. It is performed to show that, or `test` has done so."""

    verb: Verb
    does: str
    takes: Takes
    tool: Tool
    noticed: str
    edits: Edits | None = None
    view: Callable[[], Any] | None = None
    verify: Callable[[Any], object] | None = None
    test: str = ""

    @property
    def id(self) -> str:
        return f"{self.tool.value}: {self.does}"
