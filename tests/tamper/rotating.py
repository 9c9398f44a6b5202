"""Keys of a log that sign, or are handed on, as they may not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from isa_verify.audit import Options, audit_log
from tamper.auditing import POLICY, View, log_case
from tamper.case import Shown, Takes, Tool, Verb
from verify import test_rotations as rotations
from verify.published_log import PublishedLog, make_entries
from verify.signing import (
    POLICE,
    START,
    checkpoint_of,
    note_of,
    published,
)


def rotated() -> View:
    """A scheduled rotation, seen by somebody who knows the old key."""
    return View(rotations.rotated(), [rotations.OLD.key])


def compromised() -> View:
    """A rotation after a compromise, seen by somebody with a policy who was told of the new key."""
    log = rotations.rotated(rotations.COMPROMISE, proved_by=(rotations.NEW,), cosigned=rotations.COSIGNED)
    return View(log, [rotations.NEW.key], options=Options(policy=POLICY))


def shown(make: Callable[[], PublishedLog]) -> Callable[[View], View]:
    return lambda view: replace(view, log=make())


def unknown_keys() -> PublishedLog:
    stated = rotations.payload([(rotations.THIEF, 30)], [(rotations.NEXT, 18)])
    both = (rotations.THIEF, rotations.NEXT)
    return rotations.rotated(stated, proved_by=both, signed_by=(rotations.NEXT,))


def elsewhere() -> PublishedLog:
    entries = make_entries(40)
    log = published(entries, note_of(checkpoint_of(entries), [rotations.NEW]))
    log.files["key-rotations"] = rotations.rotated().files["key-rotations"]
    return log


def denied(view: View) -> View:
    """The rotation is not shown any more to somebody who followed it, and the old key signs on."""
    memory = audit_log(view.log.fetch, view.keys).memory
    log = rotations.rotated(signed_by=(rotations.OLD,), count=45)
    del log.files["key-rotations"]
    return replace(view, log=log, memory=memory)


def key_case(
    does: str, code: str, change: Callable[[View], View], honest: Callable[[], View] = rotated, tool: Tool = Tool.LOG
) -> Shown:
    return log_case(Verb.KEY, does, code, change, takes=Takes.LOG_KEY, honest=honest, tool=tool)


CASES = [
    key_case(
        "signs with a retired key beyond its last size",
        "key-beyond-range",
        shown(lambda: rotations.rotated(signed_by=(rotations.OLD, rotations.NEW))),
    ),
    key_case("hides the rotation and signs on with the old key", "key-beyond-range", denied, tool=Tool.LOG_STATE),
    key_case(
        "lets new keys vouch for themselves",
        "signature-missing",
        shown(lambda: rotations.rotated(proved_by=(rotations.NEW,))),
    ),
    key_case(
        "hands over to a key whose holder did not agree",
        "signature-missing",
        shown(lambda: rotations.rotated(proved_by=(rotations.OLD,))),
    ),
    key_case("states a rotation between keys that were never the log's", "signature-missing", shown(unknown_keys)),
    key_case("shows a rotation that is not in the log", "rotation-mismatch", shown(elsewhere)),
    key_case(
        "states that the old key ended before the rotation",
        "rotation-malformed",
        shown(lambda: rotations.rotated(rotations.payload([(rotations.OLD, 20)], [(rotations.NEW, 18)]))),
    ),
    key_case(
        "goes on trusting a key that was stolen",
        "key-compromised",
        lambda view: replace(view, keys=[rotations.OLD.key]),
        compromised,
        Tool.LOG_POLICY,
    ),
    key_case(
        "has an auditor pin a new key after a theft, without a policy",
        "quorum-needed",
        lambda view: replace(view, options=Options()),
        compromised,
    ),
    key_case(
        "has an auditor pin a new key that fewer than the quorum vouch for",
        "quorum-short",
        shown(lambda: rotations.rotated(rotations.COMPROMISE, proved_by=(rotations.NEW,), cosigned={POLICE: START})),
        compromised,
        Tool.LOG_POLICY,
    ),
    key_case(
        "signs with a key that is unknown",
        "signature-missing",
        lambda view: replace(view, keys=[rotations.THIEF.key]),
    ),
]
