"""Logs as they are shown to auditors."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache

from isa_verify.audit import Options, audit_log
from isa_verify.encoding import canonical_json
from isa_verify.errors import AccessDeniedError
from isa_verify.log_keys import Keys
from isa_verify.memory import Memory
from isa_verify.merkle import leaf_hash
from isa_verify.note import format_note
from isa_verify.policy import Policy
from isa_verify.tiles import encode_bundle, tile_path
from isa_verify.times import SKEW_SECONDS
from tamper.case import Shown, Takes, Tool, Verb
from verify.published_log import KEYS, PublishedLog, flipped, make_entries
from verify.signing import (
    COUNCIL,
    NHS,
    POLICE,
    POLICY_TEXT,
    START,
    Signer,
    checkpoint_of,
    log_signer,
    note_of,
    published,
    witness,
)

LOG = log_signer("log")
POLICY = Policy.parse(POLICY_TEXT)
ENTRIES = make_entries(310)
"""Entry n is dated START + n."""
SIZE = 300
SEEN = START + SIZE + 10


@dataclass(frozen=True)
class View:
    """A log as it is shown to an auditor who knows keys, remembers something and may demand witnesses. Entries that are
    `kept_back` leave it to be verified by its hashes."""

    log: PublishedLog
    keys: Keys
    memory: bytes | Memory | None = None
    options: Options = field(default_factory=Options)
    kept_back: bool = False

    def fetch(self, path: str) -> bytes:
        if self.kept_back and path.startswith("tile/entries"):
            raise AccessDeniedError("access-denied", "Entries are kept back.")
        return self.log.fetch(path)


def audit(view: View) -> object:
    return audit_log(view.fetch, view.keys, view.memory, options=view.options)


def plain() -> View:
    """Seen by an auditor who knows the log's keys and nothing else."""
    return View(PublishedLog(ENTRIES[:SIZE]), KEYS)


def remembering() -> View:
    """Seen by an auditor who was here before."""
    before = PublishedLog(ENTRIES[: SIZE - 10]).files["checkpoint"]
    return replace(plain(), memory=before)


def cosigned(entries: list[bytes], times: dict[Signer, int]) -> PublishedLog:
    return published(entries, note_of(checkpoint_of(entries), [LOG], times))


def witnessed() -> View:
    """Seen by an auditor with a policy: two of three witnesses, and those two have cosigned."""
    log = cosigned(ENTRIES[:SIZE], {POLICE: SEEN, NHS: SEEN})
    return View(log, [LOG.key], options=Options(policy=POLICY, now=SEEN + 60, max_age=600))


def witnessed_before() -> View:
    """The same, and this auditor saw what the witnesses saw of a shorter log."""
    shorter = cosigned(ENTRIES[: SIZE - 10], {POLICE: SEEN - 10, NHS: SEEN - 10})
    summary = audit_log(shorter.fetch, [LOG.key], options=Options(policy=POLICY))
    return replace(witnessed(), memory=summary.memory)


@cache
def tall() -> dict[str, bytes]:
    """The files of a log whose tiles have three levels, the third in part."""
    return PublishedLog([b"%d" % number for number in range(65_536 + 257)]).files


def of_three_levels() -> View:
    log = PublishedLog([])
    log.files = dict(tall())
    return View(log, KEYS, kept_back=True)


def file(path: str, change: Callable[[bytes], bytes]) -> Callable[[View], View]:
    def edit(view: View) -> View:
        view.log.files[path] = change(view.log.files[path])
        return view

    return edit


def without(path: str) -> Callable[[View], View]:
    def edit(view: View) -> View:
        del view.log.files[path]
        return view

    return edit


def bundled(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[View], View]:
    """Other entries under the same hashes."""
    return file(tile_path("entries", 0, 256), lambda _: encode_bundle(change(ENTRIES[:256])))


def resigned(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[View], View]:
    """The log that an operator makes wholly anew, from other entries: hashes, tiles, signatures."""
    return lambda view: replace(view, log=PublishedLog(change(list(ENTRIES[:SIZE]))))


def noted(make: Callable[[], bytes]) -> Callable[[View], View]:
    return file("checkpoint", lambda _: make())


def lines(*made: tuple[Signer, int]) -> Callable[[View], View]:
    """The checkpoint with these cosignatures alone, one line for each."""
    checkpoint = checkpoint_of(ENTRIES[:SIZE])
    return noted(
        lambda: format_note(
            checkpoint.text(), [LOG.line(checkpoint), *(one.line(checkpoint, time) for one, time in made)]
        )
    )


def forged_line() -> bytes:
    """The police's line is of another checkpoint."""
    checkpoint, other = checkpoint_of(ENTRIES[:SIZE]), checkpoint_of(ENTRIES[: SIZE - 1])
    signatures = [LOG.line(checkpoint), NHS.line(checkpoint, SEEN), POLICE.line(other, SEEN)]
    return format_note(checkpoint.text(), signatures)


def rewritten(entries: list[bytes]) -> list[bytes]:
    """Another history from entry 100 on."""
    return make_entries(len(entries), seed="rewritten", start=entries[:100])


def dated(index: int, seconds: int) -> Callable[[list[bytes]], list[bytes]]:
    """An entry at a time of its own, with all after it chained anew."""

    def change(entries: list[bytes]) -> list[bytes]:
        made = entries[:index]
        for leaf in entries[index:]:
            value = json.loads(leaf)
            value["prev"] = leaf_hash(made[-1]).hex()
            if len(made) == index:
                value["at"] = f"2026-04-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000Z"
            made.append(canonical_json(value))
        return made

    return change


def under_two_names(view: View) -> View:
    same = Signer("other.example.org", NHS.type, NHS.seed)
    twice = POLICY_TEXT.replace(str(COUNCIL.key), str(same.key))
    return replace(view, options=replace(view.options, policy=Policy.parse(twice)))


def seen_too_early(view: View) -> View:
    """Cosigned two minutes and more before its last entry is dated."""
    return replace(view, log=cosigned(ENTRIES[:SIZE], dict.fromkeys((POLICE, NHS), START + SIZE - 2 - SKEW_SECONDS)))


def logged_in_the_past(view: View) -> View:
    """The witnesses saw the shorter log long after what it does not cover is dated."""
    shorter = cosigned(ENTRIES[: SIZE - 10], dict.fromkeys((POLICE, NHS), SEEN + SKEW_SECONDS))
    summary = audit_log(shorter.fetch, [LOG.key], options=Options(policy=POLICY))
    log = cosigned(ENTRIES[:SIZE], dict.fromkeys((POLICE, NHS), SEEN + SKEW_SECONDS + 10))
    return replace(view, log=log, memory=summary.memory, options=Options(policy=POLICY))


def seen_before_it_was_shorter(view: View) -> View:
    times = dict.fromkeys((POLICE, NHS), SEEN - 11 - SKEW_SECONDS)
    return replace(view, log=cosigned(ENTRIES[:SIZE], times), options=Options(policy=POLICY))


def now(seconds: int) -> Callable[[View], View]:
    return lambda view: replace(view, options=replace(view.options, now=seconds))


def log_case(
    verb: Verb,
    does: str,
    code: str,
    change: Callable[[View], View],
    *,
    takes: Takes = Takes.SERVER,
    honest: Callable[[], View] = plain,
    tool: Tool = Tool.LOG,
) -> Shown:
    return Shown(verb, does, takes, tool, code, honest=honest, change=change, verify=audit)


def remembered(
    verb: Verb, does: str, code: str, change: Callable[[View], View], takes: Takes = Takes.OPERATOR
) -> Shown:
    return log_case(verb, does, code, change, takes=takes, honest=remembering, tool=Tool.LOG_STATE)


def policed(
    verb: Verb,
    does: str,
    code: str,
    change: Callable[[View], View],
    takes: Takes = Takes.FEW_WITNESSES,
    honest: Callable[[], View] = witnessed,
) -> Shown:
    return log_case(verb, does, code, change, takes=takes, honest=honest, tool=Tool.LOG_POLICY)


CASES = [
    log_case(
        Verb.EDIT,
        "serves an entry with a byte changed",
        "entry-mismatch",
        bundled(lambda e: [flipped(e[0], 9), *e[1:]]),
    ),
    log_case(
        Verb.EDIT,
        "serves a checkpoint with a byte changed",
        "signature-invalid",
        file("checkpoint", lambda d: d.replace(b"\n300\n", b"\n301\n")),
    ),
    log_case(
        Verb.EDIT,
        "makes the log anew around one edited entry, and signs it",
        "chain-broken",
        resigned(lambda e: [*e[:100], *make_entries(101, seed="other", start=e[:100])[100:], *e[101:]]),
        takes=Takes.OPERATOR,
    ),
    remembered(
        Verb.EDIT, "makes the log anew from one edited entry on, and signs it", "log-forked", resigned(rewritten)
    ),
    log_case(Verb.DELETE, "serves entries with one left out", "bundle-malformed", bundled(lambda e: e[1:])),
    log_case(
        Verb.DELETE,
        "leaves an entry out of the log, and signs it",
        "index-mismatch",
        resigned(lambda e: [*e[:100], *e[101:]]),
        takes=Takes.OPERATOR,
    ),
    log_case(
        Verb.INSERT, "serves entries with one too many", "bundle-malformed", bundled(lambda e: [*e, ENTRIES[256]])
    ),
    log_case(
        Verb.INSERT,
        "puts an entry into the log a second time, and signs it",
        "index-mismatch",
        resigned(lambda e: [*e[:100], e[99], *e[100:]]),
        takes=Takes.OPERATOR,
    ),
    log_case(
        Verb.REORDER,
        "serves two entries in each other's place",
        "entry-mismatch",
        bundled(lambda e: [e[1], e[0], *e[2:]]),
    ),
    log_case(
        Verb.REORDER,
        "exchanges two entries of the log, and signs it",
        "index-mismatch",
        resigned(lambda e: [*e[:100], e[101], e[100], *e[102:]]),
        takes=Takes.OPERATOR,
    ),
    remembered(Verb.TRUNCATE, "signs a shorter log", "log-shrank", resigned(lambda e: e[:280])),
    remembered(
        Verb.ROLL_BACK,
        "serves an older checkpoint that was signed once",
        "log-shrank",
        resigned(lambda e: e[:280]),
        takes=Takes.SERVER,
    ),
    remembered(
        Verb.FORK,
        "signs another history of the same size",
        "log-forked",
        resigned(lambda e: rewritten(e[:290])),
    ),
    remembered(Verb.SPLIT_VIEW, "shows another history that has grown", "log-forked", resigned(rewritten)),
    policed(
        Verb.SPLIT_VIEW,
        "shows one auditor another history, which one witness cosigns",
        "quorum-short",
        lambda view: replace(view, log=cosigned(rewritten(ENTRIES[:SIZE]), {POLICE: SEEN})),
    ),
    log_case(
        Verb.TILE,
        "changes a tile of level 0",
        "tile-mismatch",
        file("tile/0/003", lambda d: flipped(d, 8191)),
        honest=of_three_levels,
    ),
    log_case(
        Verb.TILE,
        "changes a tile of level 1",
        "tile-mismatch",
        file("tile/1/000", lambda d: flipped(d, 8191)),
        honest=of_three_levels,
    ),
    log_case(
        Verb.TILE,
        "changes a tile of level 2",
        "tile-mismatch",
        file("tile/2/000.p/1", lambda d: flipped(d, 31)),
        honest=of_three_levels,
    ),
    log_case(
        Verb.TILE,
        "changes the last tile of level 0, over entries that nobody may read",
        "root-mismatch",
        file("tile/0/257.p/1", lambda d: flipped(d, 31)),
        honest=of_three_levels,
    ),
    log_case(Verb.TILE, "takes a tile of level 0 away", "tile-missing", without("tile/0/000")),
    log_case(Verb.TILE, "takes a tile of level 1 away", "tile-missing", without("tile/1/000"), honest=of_three_levels),
    log_case(
        Verb.TILE, "takes a tile of level 2 away", "tile-missing", without("tile/2/000.p/1"), honest=of_three_levels
    ),
    log_case(Verb.TILE, "cuts a tile short", "tile-malformed", file("tile/0/000", lambda d: d[:-32])),
    log_case(Verb.TILE, "takes a bundle of entries away", "bundle-missing", without("tile/entries/000")),
    policed(
        Verb.COSIGNATURE,
        "forges one from that of another checkpoint",
        "cosignature-invalid",
        noted(forged_line),
        Takes.SERVER,
    ),
    policed(Verb.COSIGNATURE, "drops one", "quorum-short", lines((POLICE, SEEN)), Takes.SERVER),
    policed(
        Verb.COSIGNATURE,
        "counts one witness's twice",
        "quorum-short",
        lines((POLICE, SEEN), (POLICE, SEEN + 1)),
        Takes.FEW_WITNESSES,
    ),
    policed(
        Verb.COSIGNATURE,
        "adds that of a stranger",
        "quorum-short",
        lines((POLICE, SEEN), (witness("stranger"), SEEN)),
        Takes.SERVER,
    ),
    policed(Verb.COSIGNATURE, "adds one without a time", "cosignature-undated", lines((POLICE, SEEN), (NHS, 0))),
    policed(
        Verb.COSIGNATURE,
        "names one witness's key under two names, so that it counts twice",
        "policy-key-duplicate",
        under_two_names,
        Takes.POLICY,
    ),
    log_case(
        Verb.CLOCK,
        "dates an entry before the one before it",
        "time-fell",
        resigned(dated(100, 5)),
        takes=Takes.OPERATOR,
    ),
    policed(
        Verb.CLOCK, "dates an entry later than witnesses had it", "entry-outside-window", seen_too_early, Takes.OPERATOR
    ),
    policed(
        Verb.CLOCK,
        "dates an entry into a time when witnesses saw that it was not there",
        "entry-outside-window",
        logged_in_the_past,
        Takes.OPERATOR,
        witnessed_before,
    ),
    policed(
        Verb.CLOCK,
        "has witnesses cosign a larger log at a time before the smaller one's",
        "cosignature-time-fell",
        seen_before_it_was_shorter,
        Takes.QUORUM,
        witnessed_before,
    ),
    policed(Verb.CLOCK, "goes on showing an old checkpoint", "checkpoint-stale", now(SEEN + 601), Takes.SERVER),
    policed(
        Verb.CLOCK,
        "shows cosignatures of a time to come",
        "checkpoint-ahead",
        now(SEEN - SKEW_SECONDS - 1),
        Takes.QUORUM,
    ),
]
