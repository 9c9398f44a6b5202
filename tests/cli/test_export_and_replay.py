"""Evidence and copies taken by the operator, and recorded decisions made anew from them, without a database."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from isa_registry.__main__ import main
from isa_registry.domain.replaying import Lacking
from isa_registry.runtime.evidence.replay import Replay
from isa_verify.encoding import canonical_json
from isa_verify.evidence_parts import End, Entry, ErasedBy, Head, Present, Withheld, read_parts
from isa_verify.leaf import Leaf
from live import LEAD, POLICE, Demonstration

QUESTION: dict[str, Any] = {
    "recipient": LEAD, "purpose": "harm-outside-the-home", "categories": ["identity", "intelligence"],
    "subjects": [{"kind": "child", "roles": ["victim"]}], "circumstances": {"would_help_recipient": True},
}  # fmt: skip


def run(*arguments: object, program: str = "isa_registry") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", program, *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def vkeys(demonstration: Demonstration) -> list[str]:
    lines = httpx.get(f"{demonstration.url}/log/keys").text.splitlines()
    return [option for line in lines for option in ("--vkey", line.split(" ")[0])]


@pytest.fixture(scope="module")
def checks(demonstration: Demonstration) -> list[str]:
    """Recorded checks that a checkpoint covers: their ids."""
    with demonstration.client(POLICE) as police:
        answers = [
            police.post("/api/v1/checks", json=QUESTION | {"purpose": purpose}).raise_for_status().json()
            for purpose in ("harm-outside-the-home", "missing-now", "early-help", "mappa")
        ]
        police.get(answers[-1]["receipt"]).raise_for_status()
    return [answer["id"] for answer in answers]


@pytest.fixture(scope="module")
def whole(demonstration: Demonstration, checks: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The evidence of the whole log, as `export` wrote it beside the running service."""
    path = tmp_path_factory.mktemp("export") / "whole.isa-evidence.jsonl"
    exported = run("export", path, "--state", demonstration.state, "--reason", "audit")
    assert (0, "") == (exported.returncode, exported.stderr)
    yield path


def rewritten(source: Path, target: Path, change: Callable[[Leaf, Entry], Entry]) -> Path:
    """The same bundle with entries changed, and an end that fits."""
    digest = hashlib.sha256()
    with source.open("rb") as file, target.open("wb") as out:
        for line, part in read_parts(file):
            if isinstance(part, End):
                line = replace(part, sha256=digest.hexdigest()).encode()
            elif isinstance(part, Entry):
                line = change(Leaf.parse(part.leaf), part).encode()
            digest.update(line)
            out.write(line)
    return target


def of_kind(entry: Entry, kind: str) -> bool:
    return isinstance(entry.payload, Present) and json.loads(entry.payload.payload)["kind"] == kind


def with_other_checks(source: Path, target: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The same bundle with another payload for each check, to which its leaf commits."""

    def changed(leaf: Leaf, entry: Entry) -> Entry:
        if not (of_kind(entry, "check.answered") and isinstance(entry.payload, Present)):
            return entry
        payload = json.loads(entry.payload.payload)
        change(payload)
        body = canonical_json(payload)
        message = b"isa-registry/v1\nrecord\n" + body
        commitment = hmac.digest(entry.payload.salt, message, "sha256").hex()
        return Entry(replace(leaf, commitment=commitment).encode(), Present(body, entry.payload.salt), entry.proof)

    return rewritten(source, target, changed)


# --- evidence --------------------------------------------------------------------------------------------------------


def test_exported_evidence_verifies_and_its_making_is_in_the_log(whole: Path, demonstration: Demonstration) -> None:
    verified = run("export", whole, *vkeys(demonstration), program="isa_verify")
    assert (0, "") == (verified.returncode, verified.stderr)
    assert 0o600 == whole.stat().st_mode & 0o777
    with demonstration.client(LEAD, "audit:read") as auditor:
        noted = auditor.get("/api/v1/audit/entries", params={"kind": "payload.read"}).json()["entries"]
    mine = [entry["payload"] for entry in noted if entry["payload"]["role"] == "operator"]
    assert (mine[0]["organisation"], mine[0]["purpose"], mine[0]["reason"]) == (LEAD, "export", "audit")


def test_a_selection_holds_what_was_asked_for(whole: Path, demonstration: Demonstration, tmp_path: Path) -> None:
    path = tmp_path / "some.isa-evidence.jsonl"
    exported = run("export", path, "--state", demonstration.state, "--kind", "check.answered", "--organisation", POLICE)
    assert (0, "") == (exported.returncode, exported.stderr)
    assert 0 == run("export", path, *vkeys(demonstration), program="isa_verify").returncode
    with path.open("rb") as file:
        parts = [part for _, part in read_parts(file)]
    head = parts[0]
    assert isinstance(head, Head)
    assert head.filter == {"kinds": ("check.answered",), "organisations": (POLICE,)}
    assert all(of_kind(part, "check.answered") for part in parts if isinstance(part, Entry))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "name FILE, or a directory with --tiles"),
        (("x", "--tiles", "y"), "name FILE, or a directory with --tiles"),
        (("absent/x",), "cannot be written there"),
        (("x", "--from", "yesterday"), "from: A date as 2026-09-30"),
    ],
)
def test_an_export_that_cannot_be_says_why(
    demonstration: Demonstration, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    places = [str(tmp_path / one) if one in ("x", "y", "absent/x") else one for one in arguments]
    refused = run("export", *places, "--state", demonstration.state)
    assert (2, True) == (refused.returncode, words in refused.stderr)
    assert [] == list(tmp_path.iterdir())


# --- a copy of the tiles ---------------------------------------------------------------------------------------------


def copied(demonstration: Demonstration, directory: Path, *options: str) -> list[str]:
    """Brings a copy up to date; the files of it, the checkpoint and keys aside."""
    made = run("export", "--tiles", directory, "--state", demonstration.state, *options)
    assert (0, "") == (made.returncode, made.stderr)
    files = [
        path.relative_to(directory / "log").as_posix() for path in (directory / "log").rglob("*") if path.is_file()
    ]
    assert {"checkpoint", "keys"} <= set(files)
    return sorted(file for file in files if file.startswith("tile/"))


def test_a_copy_verifies_like_the_log_and_grows_with_it(
    demonstration: Demonstration, checks: list[str], tmp_path: Path
) -> None:
    first = copied(demonstration, tmp_path / "copy")
    assert "tile/0/000" in first
    assert not [file for file in first if file.startswith("tile/entries")]
    full = tmp_path / "copy/log/tile/0/000"
    before = full.stat().st_mtime_ns
    state = ["--state", tmp_path / "auditor"]
    assert 0 == run("log", tmp_path / "copy", *vkeys(demonstration), *state, program="isa_verify").returncode
    with demonstration.client(POLICE) as police:
        answer = police.post("/api/v1/checks", json=QUESTION).raise_for_status().json()
        police.get(answer["receipt"]).raise_for_status()
    second = copied(demonstration, tmp_path / "copy")
    assert set(first) < set(second)
    assert before == full.stat().st_mtime_ns
    assert 0 == run("log", tmp_path / "copy", *vkeys(demonstration), *state, program="isa_verify").returncode


def test_entries_are_copied_only_when_asked_for(demonstration: Demonstration, tmp_path: Path) -> None:
    files = copied(demonstration, tmp_path, "--entries")
    bundles = [file.removeprefix("tile/entries/") for file in files if file.startswith("tile/entries/")]
    assert bundles == [file.removeprefix("tile/0/") for file in files if file.startswith("tile/0/")]
    options = [*vkeys(demonstration), "--state", tmp_path / "auditor"]
    assert 0 == run("log", tmp_path, *options, program="isa_verify").returncode


def test_a_copy_of_something_else_is_left_alone(demonstration: Demonstration, tmp_path: Path) -> None:
    copied(demonstration, tmp_path)
    checkpoint = tmp_path / "log/checkpoint"
    checkpoint.write_bytes(checkpoint.read_bytes().replace(b"demo.isa", b"demo.isb"))
    refused = run("export", "--tiles", tmp_path, "--state", demonstration.state)
    assert (2, True) == (refused.returncode, "not of this log" in refused.stderr)


# --- replay ----------------------------------------------------------------------------------------------------------


def test_every_recorded_decision_comes_out_as_it_was(
    whole: Path, checks: list[str], demonstration: Demonstration, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["replay", str(whole), "--all", *vkeys(demonstration)])
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("verified: ")
    assert said[-2].startswith("folded ")
    count, verdict = said[-1].split(" ")
    assert (verdict, int(count) >= len(checks)) == ("identical", True)


def test_one_check_is_decided_anew_by_its_id(
    whole: Path, checks: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["replay", str(whole), "--check", checks[1]])
    said = capsys.readouterr().out
    assert "not verified" in said
    assert f"{checks[1]} (entry " in said
    assert said.count(": identical") == 1


def test_a_record_that_the_law_of_then_does_not_give_is_told_member_by_member(
    whole: Path, checks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def forged(payload: dict[str, Any]) -> None:
        payload["answer"]["outcome"] = "do-not-share"
        payload["answer"]["consent"]["seek"] = "yes"

    bundle = with_other_checks(whole, tmp_path / "forged", forged)
    assert 1 == main(["replay", str(bundle), "--check", checks[0]])
    said = capsys.readouterr().out
    assert ": different in " in said
    assert "/outcome" in said
    assert "/consent/seek" in said


def test_evidence_that_does_not_verify_is_not_replayed(
    whole: Path, demonstration: Demonstration, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def withheld(leaf: Leaf, entry: Entry) -> Entry:
        return replace(entry, leaf=replace(leaf, at="2026-01-01T00:00:00.000Z").encode()) if leaf.seq == 5 else entry

    bundle = rewritten(whole, tmp_path / "forged", withheld)
    assert 1 == main(["replay", str(bundle), "--all", *vkeys(demonstration)])
    assert "isa-registry replay: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "why"), [(Withheld(), "is withheld"), (ErasedBy(10**6), "was erased by entry 1000000")]
)
def test_without_what_the_register_of_then_needs_the_entry_is_named(
    whole: Path,
    checks: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    state: Withheld | ErasedBy,
    why: str,
) -> None:
    def missing(leaf: Leaf, entry: Entry) -> Entry:
        return replace(entry, payload=state) if leaf.seq == 7 else entry

    bundle = rewritten(whole, tmp_path / "less", missing)
    assert 2 == main(["replay", str(bundle), "--check", checks[0]])
    assert f"not-replayable: entry 7, which the register of then may need, {why}" in capsys.readouterr().out


def erasing(whole: Path, target: Path, entry: int, kind: str, until: int) -> Path:
    """The bundle as it would be had the last check been an entry that erased another one of the register."""
    with whole.open("rb") as file:
        entries = [part for _, part in read_parts(file) if isinstance(part, Entry)]
    by = next(Leaf.parse(one.leaf).seq for one in reversed(entries) if of_kind(one, "check.answered"))
    said = canonical_json(
        {"index": entry, "kind": "payload.erased", "reason": "retention-ended", "rule": "roles", "until": until}
    )

    def change(leaf: Leaf, one: Entry) -> Entry:
        fields = json.loads(one.leaf)
        if leaf.seq == entry:
            return replace(one, leaf=canonical_json({**fields, "kind": kind}), payload=ErasedBy(by))
        if leaf.seq == by:
            message = b"isa-registry/v1\nrecord\n" + said
            digest = hmac.new(bytes(32), message, hashlib.sha256).hexdigest()
            return replace(one, leaf=canonical_json({**fields, "commitment": digest}), payload=Present(said, bytes(32)))
        return one

    return rewritten(whole, target, change)


@pytest.mark.parametrize(
    ("kind", "until", "replayable"),
    [
        ("attestation.made", 0, True),
        ("attestation.made", 10**6, False),
        # Who held a role is nothing that an answer rests on.
        ("role.granted", 10**6, True),
    ],
)
def test_what_the_register_of_then_no_longer_depended_on_is_not_missed(
    whole: Path,
    checks: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    until: int,
    replayable: bool,
) -> None:
    with whole.open("rb") as file:
        entries = [part for _, part in read_parts(file) if isinstance(part, Entry)]
    # One that no answer needs in truth: nothing can come out otherwise but the root, where a leaf was rewritten.
    spare = max(Leaf.parse(one.leaf).seq for one in entries if of_kind(one, "role.granted"))
    bundle = erasing(whole, tmp_path / "erased", spare, kind, max(until, spare + 1))
    main(["replay", str(bundle), "--check", checks[0]])
    said = capsys.readouterr().out
    assert replayable == ("identical\n" in said or "different in /register/root: " in said)
    assert replayable != (f"not-replayable: entry {spare}, which the register of then may need, was erased" in said)


def test_a_register_without_it_is_told_however_many_erasures_come_first() -> None:
    replay = Replay(BytesIO())
    for entry in range(200):
        replay._lack(Lacking(entry, "was erased", until=entry + 1))
    replay._lack(Lacking(500, "is withheld"))
    replay._lack(Lacking(501, "is withheld"))
    assert 500 == next(one.entry for one in replay._needed if one.stands_in_the_way(1000))
    assert not any(one.stands_in_the_way(500) for one in replay._needed)


def test_a_record_withheld_from_the_reader_does_not_stand_in_the_way(
    whole: Path, checks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(_leaf: Leaf, entry: Entry) -> Entry:
        return replace(entry, payload=Withheld()) if of_kind(entry, "payload.read") else entry

    assert 0 == main(["replay", str(rewritten(whole, tmp_path / "less", missing)), "--check", checks[3]])


def test_another_engine_is_said_and_compared(
    whole: Path, checks: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def of_old(payload: dict[str, Any]) -> None:
        payload["register"]["engine"] = "0"

    bundle = with_other_checks(whole, tmp_path / "old", of_old)
    assert 2 == main(["replay", str(bundle), "--check", checks[0]])
    said = capsys.readouterr().out
    assert ": engine-changed in /register/engine" in said
    assert ": decided by version 0 of the engine, which is not kept" in said


def test_the_interface_says_of_every_check_what_the_command_says(whole: Path, demonstration: Demonstration) -> None:
    with whole.open("rb") as file:
        offline = {found.check: found for found in Replay(file)}
    assert offline
    with demonstration.client(LEAD, "audit:read") as auditor:
        for check, found in list(offline.items())[-20:]:
            online = auditor.post(f"/api/v1/checks/{check}/replay", json={}).raise_for_status().json()
            assert (found.entry, found.verdict) == (online["entry"], online["verdict"])
            assert found.again is not None
            assert json.loads(msgspec.json.encode(found.again.register)) == online["answer"]["register"]
            assert json.loads(msgspec.json.encode(found.differences)) == online["differences"]


def test_a_check_that_is_not_there_is_said(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == main(["replay", str(whole), "--check", "chk_" + "0" * 32])
    assert "does not hold this check" in capsys.readouterr().err
    assert 2 == main(["replay", str(whole), "--check", "chk_x"])
    assert 2 == main(["replay", str(whole.parent / "absent"), "--all"])


def test_without_a_check_the_evidence_is_folded(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["replay", str(whole)])
    assert "organisations, 2 versions of agreements" in capsys.readouterr().out


def test_a_payload_that_is_not_the_leafs_is_refused(whole: Path, tmp_path: Path) -> None:
    def swapped(leaf: Leaf, entry: Entry) -> Entry:
        changed = isinstance(entry.payload, Present) and leaf.seq == 3
        return replace(entry, payload=Present(b'{"kind":"x"}', bytes(32))) if changed else entry

    assert 1 == main(["replay", str(rewritten(whole, tmp_path / "swapped", swapped))])


def test_the_roots_of_then_are_those_that_the_checks_name(whole: Path) -> None:
    with whole.open("rb") as file:
        replay = Replay(file)
        verdicts = {replayed.verdict for replayed in replay}
    assert (verdicts, replay.whole, replay.lacking) == ({"identical"}, True, [])
