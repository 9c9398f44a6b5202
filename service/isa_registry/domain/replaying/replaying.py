"""Answering a recorded question again, from the register, the catalogue, the evidence and the engine of then.

One core for whoever replays: the interface, the command on an export, and the tests of the whole suite. It compares
what a reader of the check sees, less what names this one occasion: its id, its times and its receipt.
"""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from isa_registry.domain.answers import Answer, RegisterSeen
from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.decisions import check_question
from isa_registry.domain.entries import CheckAnswered
from isa_registry.domain.questions import Question
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.replaying.difference import Difference, differences
from isa_registry.domain.replaying.engines import ENGINES, Engines
from isa_registry.domain.replaying.lacking import Lacking
from isa_verify.encoding import encode_base64

Verdict = Literal["identical", "different", "engine-changed", "not-replayable"]
VERDICTS: tuple[Verdict, ...] = ("identical", "different", "engine-changed", "not-replayable")

EXPLAINING = ("explained", "one_more_fact")
"""Members of an answer that are shown, and null otherwise, where the question asks to explain."""

ALARM = (
    "The engine that answered this check says otherwise now, on the register of then. No log that nobody has touched "
    "does this: run isa-registry fsck, keep what it says and this answer, and tell an auditor."
)
UNTRUE = (
    "The payload of this check is not the one that its leaf commits to: somebody changed what is stored. Run "
    "isa-registry fsck, keep what it says and this answer, and tell an auditor."
)


class Again(Struct, frozen=True):
    """An answer made again, and what it was made from."""

    answer: Answer
    register: RegisterSeen


class Replayed(Struct, frozen=True):
    """What became of one recorded check. `again` is what was answered now, where anything was; `differences` lead from
    the record to it; `why` says in a sentence what a reader must know, and `needs` the entry that is wanting."""

    check: str
    entry: int
    verdict: Verdict
    again: Again | None = None
    differences: tuple[Difference, ...] = ()
    why: str = ""
    needs: int | None = None


class Today(Struct, frozen=True):
    """The same question and evidence, on the register, the law and the day of now. `why` where it cannot be asked."""

    on: str
    again: Again | None = None
    differences: tuple[Difference, ...] = ()
    why: str = ""


def impossible(recorded: CheckAnswered, index: int) -> Replayed | None:
    """For a check that names a register later than itself, that nothing can be made of it."""
    if recorded.register.log_size <= index:
        return None
    return _not(recorded, index, f"entry {index} names a register that is later than itself", index)


def lacks(recorded: CheckAnswered, index: int, wanting: Lacking) -> Replayed:
    """For a check whose register may have rested on what is not here."""
    why = f"entry {wanting.entry}, which the register of then may need, {wanting.why}"
    return _not(recorded, index, why, wanting.entry)


def untrue(check: str, index: int) -> Replayed:
    """For a check whose payload is not what its leaf commits to."""
    return Replayed(check=check, entry=index, verdict="different", why=UNTRUE)


def replay(
    recorded: CheckAnswered, index: int, view: RegisterView, *, root: bytes | None, engines: Engines = ENGINES
) -> Replayed:
    """Answers the check of entry `index` again from `view`, the register of the size that it names, with nothing of it
    wanting. `root` is the tree's at that size, None where nobody knows it."""
    seen = recorded.register
    if (found := impossible(recorded, index)) is not None:
        return found
    catalogue = view.catalogue()
    if catalogue is None:
        return _not(recorded, index, f"no entry before {seen.log_size} holds the catalogue of the law", None)
    version, engine = engines.chosen(seen.engine)
    if version != seen.engine and check_question(recorded.question, catalogue):
        why = f"version {seen.engine} of the engine is not kept, and version {version} does not take the question"
        return Replayed(check=recorded.check, entry=index, verdict="engine-changed", why=why)
    today = london_date(parse_instant(recorded.decided_at))
    again = Again(
        answer=engine(view, catalogue, recorded.question, recorded.evidence, today=today),
        register=RegisterSeen(
            log_size=seen.log_size,
            root=seen.root if root is None else encode_base64(root),
            catalogue=f"sha256:{catalogue.sha256}",
            engine=version,
        ),
    )
    found_differences = _differences(recorded, again)
    if version != seen.engine:
        why = f"decided by version {seen.engine} of the engine, which is not kept; this is version {version}"
        verdict: Verdict = "engine-changed"
    else:
        verdict, why = ("different", ALARM) if found_differences else ("identical", "")
    return Replayed(
        check=recorded.check, entry=index, verdict=verdict, again=again, differences=found_differences, why=why
    )


def against_today(
    recorded: CheckAnswered, view: RegisterView, *, root: bytes, today: str, engines: Engines = ENGINES
) -> Today:
    """The recorded question and evidence on the register of `view`, its law, and the day `today` in London. Records of
    consent are not looked up anew."""
    catalogue = view.catalogue()
    if catalogue is None:
        return Today(on=today, why="There is no catalogue of the law to answer with.")
    if check_question(recorded.question, catalogue):
        return Today(on=today, why="The law of today no longer has a code that the question names.")
    again = Again(
        answer=engines.kept[engines.current](view, catalogue, recorded.question, recorded.evidence, today=today),
        register=RegisterSeen(
            log_size=view.size,
            root=encode_base64(root),
            catalogue=f"sha256:{catalogue.sha256}",
            engine=engines.current,
        ),
    )
    return Today(on=today, again=again, differences=_differences(recorded, again))


def as_shown(question: Question, answer: Answer, register: RegisterSeen) -> dict[str, object]:
    """What a reader of a check sees of its answer: everything but its id, its times and its receipt."""
    shown: dict[str, object] = msgspec.to_builtins(answer)
    if not question.explain:
        shown |= dict.fromkeys(EXPLAINING)
    return {**shown, "register": msgspec.to_builtins(register)}


def _differences(recorded: CheckAnswered, again: Again) -> tuple[Difference, ...]:
    was = as_shown(recorded.question, recorded.answer, recorded.register)
    now = as_shown(recorded.question, again.answer, again.register)
    if _encode(was) == _encode(now):
        return ()
    # Lists, as JSON has them.
    return differences(msgspec.json.decode(_encode(was)), msgspec.json.decode(_encode(now)))


_encode = msgspec.json.Encoder(order="sorted").encode


def _not(recorded: CheckAnswered, index: int, why: str, needs: int | None) -> Replayed:
    return Replayed(check=recorded.check, entry=index, verdict="not-replayable", why=why, needs=needs)
