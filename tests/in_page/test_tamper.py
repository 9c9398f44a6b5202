"""Every case of the tamper suite that is shown to somebody outside: what the page sees of it, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from in_page.asking import VERIFIED, Page, Question, Verdict, b64
from isa_verify.encoding import canonical_json
from isa_verify.memory import Memory
from isa_verify.policy import Policy
from tamper.auditing import COUNCIL, NHS, POLICY_TEXT, View, of_three_levels
from tamper.case import Shown, Tool
from tamper.cases import SHOWN, SILENT_SHOWN
from verify.published_log import KEYS, ML_DSA_KEY, PublishedLog, flipped, make_entries, sign
from verify.signing import Signer, checkpoint_of

ENTRIES = "it reads no entries: those are for auditors with a token"
ROTATIONS = "it follows no rotation of keys: an auditor gives those of today, with their sizes"
AGE = "it shows when witnesses cosigned, and leaves it to the reader whether that is too long ago"
UNSEEN = {
    "serves an entry with a byte changed": ENTRIES,
    "makes the log anew around one edited entry, and signs it": ENTRIES,
    "serves entries with one left out": ENTRIES,
    "leaves an entry out of the log, and signs it": ENTRIES,
    "serves entries with one too many": ENTRIES,
    "puts an entry into the log a second time, and signs it": ENTRIES,
    "serves two entries in each other's place": ENTRIES,
    "exchanges two entries of the log, and signs it": ENTRIES,
    "takes a bundle of entries away": ENTRIES,
    "dates an entry before the one before it": ENTRIES,
    "dates an entry later than witnesses had it": ENTRIES,
    "dates an entry into a time when witnesses saw that it was not there": ENTRIES,
    "has witnesses cosign a larger log at a time before the smaller one's": AGE,
    "goes on showing an old checkpoint": AGE,
    "shows cosignatures of a time to come": AGE,
    "signs with a retired key beyond its last size": ROTATIONS,
    "hides the rotation and signs on with the old key": ROTATIONS,
    "lets new keys vouch for themselves": ROTATIONS,
    "hands over to a key whose holder did not agree": ROTATIONS,
    "states a rotation between keys that were never the log's": ROTATIONS,
    "shows a rotation that is not in the log": ROTATIONS,
    "states that the old key ended before the rotation": ROTATIONS,
    "goes on trusting a key that was stolen": ROTATIONS,
    "has an auditor pin a new key after a theft, without a policy": ROTATIONS,
    "signs with a key that is unknown": ROTATIONS,
}
"""What `isa-verify` refuses and the page does not, and why. Evidence bundles, and what a log asks of its witnesses, are
never shown to a page at all."""

IN_A_FILE = "names one witness's key under two names, so that it counts twice"
"""Refused when the policy is read, before there is a log to look at."""

NOT_OF_THE_PAGE = {Tool.EXPORT, Tool.WITNESS}
LOOKED_AT = [case for case in SHOWN if case.tool not in NOT_OF_THE_PAGE and case.does != IN_A_FILE]


def text_of(policy: Policy) -> str:
    lines = [f"log {one.key}" for one in policy.logs]
    lines += [f"witness {one.name} {one.key}" for one in policy.witnesses]
    lines += [f"group {one.name} {one.threshold} {' '.join(one.members)}" for one in policy.groups]
    return "".join(f"{line}\n" for line in (*lines, f"quorum {policy.quorum}"))


def question(shown: Any) -> Question:
    """What is shown, as the page is asked about it: a log with what was kept of it, or a receipt."""
    if not isinstance(shown, View):
        return {"ask": "receipt", "data": b64(canonical_json(shown)), "keys": [str(key) for key in KEYS]}
    policy = shown.options.policy
    kept = shown.memory.note if isinstance(shown.memory, Memory) else shown.memory
    return {
        "ask": "log",
        "files": {path: b64(data) for path, data in shown.log.files.items() if not path.startswith("tile/entries")},
        "keys": [str(key) for key in shown.keys],
        "kept": None if kept is None else b64(kept),
        "policy": None if policy is None else b64(text_of(policy).encode()),
        "whole": True,
    }


def unseen(page: Page, cases: list[Shown]) -> set[str]:
    """The cases that the page does not refuse with their code, or whose honest side it does not verify."""
    honest = {make: page.ask(question(make())).verdict for make in {case.honest for case in cases}}
    return {
        case.does
        for case in cases
        if honest[case.honest] != VERIFIED
        or page.ask(question(case.change(case.honest()))).verdict != Verdict("not verified", case.code)
    }


def test_it_refuses_every_case_with_the_code_of_isa_verify_but_for_those_of_the_list(page: Page) -> None:
    cases = [case for case in LOOKED_AT if case.honest is not of_three_levels]
    assert unseen(page, cases) == set(UNSEEN)


@pytest.mark.long
def test_so_it_does_for_a_log_whose_tiles_have_three_levels(page: Page) -> None:
    cases = [case for case in LOOKED_AT if case.honest is of_three_levels]
    assert len(cases) == 6
    assert unseen(page, cases) == set()


def test_a_policy_that_counts_one_key_twice_is_refused(page: Page) -> None:
    same = Signer("other.example.org", NHS.type, NHS.seed)
    twice = POLICY_TEXT.replace(str(COUNCIL.key), str(same.key))
    answer = page.ask({"ask": "policy", "data": b64(twice.encode())})
    assert answer.verdict == Verdict("not verified", "policy-key-duplicate")


@pytest.mark.parametrize("silent", SILENT_SHOWN, ids=lambda silent: silent.id)
def test_what_isa_verify_alone_cannot_know_the_page_cannot_either(page: Page, silent: Any) -> None:
    assert page.ask(question(silent.view())).verdict == VERIFIED


def test_a_damaged_hash_is_not_taken_for_another_history(page: Page) -> None:
    """Where the way from the kept checkpoint fails, the whole log is read to tell which of the two it is."""
    by_code = {case.code: case for case in LOOKED_AT if case.tool is Tool.LOG_STATE}
    view = by_code["log-forked"].honest()
    path = "tile/0/001.p/44"
    view.log.files[path] = bytes(32) + view.log.files[path][32:]
    quick = {**question(view), "whole": False}
    assert page.ask(quick).verdict == Verdict("not verified", "root-mismatch")
    full = by_code["log-forked"].honest()
    full.log.files["tile/0/000"] = flipped(full.log.files["tile/0/000"], 8191)
    assert page.ask(question(full)).verdict == Verdict("not verified", "tile-mismatch")
    forked = by_code["log-forked"].change(by_code["log-forked"].honest())
    assert page.ask({**question(forked), "whole": False}).verdict == Verdict("not verified", "log-forked")


def test_an_entry_is_where_the_signed_root_says_and_nowhere_else(page: Page) -> None:
    log = PublishedLog(make_entries(300))
    files = {path: b64(data) for path, data in log.files.items()}
    asked = {"ask": "entry", "files": files, "keys": [str(key) for key in KEYS]}
    for index, verdict in ((0, VERIFIED), (299, VERIFIED), (300, Verdict("not verified", "index-out-of-range"))):
        assert page.ask({**asked, "index": str(index)}).verdict == verdict
    unavailable = Verdict("could not run", "ml-dsa-unavailable")
    assert page.ask({**asked, "index": "7", "keys": [str(ML_DSA_KEY)]}).verdict == unavailable
    assert page.ask({**asked, "ask": "log", "keys": [str(ML_DSA_KEY)]}).verdict == unavailable
    damaged = {**files, "tile/0/000": b64(flipped(log.files["tile/0/000"], 7 * 32))}
    # The hash is its own entry's leaf, on the way from its neighbours, and beside no entry of the next tile.
    failed = Verdict("not verified", "inclusion-failed")
    for index, verdict in ((7, failed), (6, failed), (299, VERIFIED)):
        assert page.ask({**asked, "files": damaged, "index": str(index)}).verdict == verdict


def test_a_partial_tile_that_the_log_dropped_is_cut_from_the_full_one(page: Page) -> None:
    entries = make_entries(512)
    files = {path: b64(data) for path, data in PublishedLog(entries).files.items()}
    files["checkpoint"] = b64(sign(checkpoint_of(entries[:300])))
    files["tile/1/000.p/1"] = b64(PublishedLog(entries[:300]).files["tile/1/000.p/1"])
    asked = {"ask": "log", "keys": [str(key) for key in KEYS], "whole": True}
    assert page.ask({**asked, "files": files}).verdict == VERIFIED
    del files["tile/0/001"]
    assert page.ask({**asked, "files": files}).verdict == Verdict("not verified", "tile-missing")
