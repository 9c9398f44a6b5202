"""How an audit may differ from the usual one."""

from collections.abc import Callable
from dataclasses import dataclass

from isa_verify.log_keys import Keys
from isa_verify.memory import Prefix
from isa_verify.policy import Policy
from isa_verify.ranges import ReadRanges

Progress = Callable[[int, int], None]
"""Is told how many entries have been checked, of how many."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to audit beyond the usual.

    `entries_required`: entries that may not be read are no verdict, instead of a verdict on hashes alone. `policy`: the
    quorum must have cosigned; with `max_age` in seconds, no longer ago than that before `now` in POSIX seconds.
    `from_start`: read again what was read before. `continued_from`: the keys of the log that this one continues, and
    the checkpoint remembered of it. `progress` is told how far it is, `keep` is given what may be remembered meanwhile,
    so that a run that is interrupted is not lost. `read` checks ranges in another way than one by one, here.
    """

    entries_required: bool = False
    policy: Policy | None = None
    now: int = 0
    max_age: int | None = None
    from_start: bool = False
    continued_from: tuple[Keys, bytes | None] | None = None
    progress: Progress | None = None
    keep: Callable[[Prefix], None] | None = None
    read: ReadRanges | None = None
