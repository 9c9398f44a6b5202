"""What the tests of the commands share: the organisation's keys by name, and what a command left behind."""

from dataclasses import dataclass

SUBJECT_KEY = bytes(range(32))
KID = "durham-constabulary-1"


@dataclass(frozen=True)
class Ran:
    """The exit status of a command and what it printed."""

    status: int
    out: str
    err: str
