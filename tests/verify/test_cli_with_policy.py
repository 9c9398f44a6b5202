"""The command with keys from a file, a policy, evidence, a copy of a log, and a log that continues another."""

import io
import re
import time
from pathlib import Path

import pytest

from isa_verify import cli
from isa_verify.state import State
from verify.published_log import ORIGIN, make_entries, written
from verify.signing import (
    NHS,
    POLICE,
    POLICY_TEXT,
    START,
    checkpoint_of,
    log_signer,
    note_of,
    published,
    receipt_of,
    with_payload,
)
from verify.test_continuation import NEW as CONTINUING
from verify.test_continuation import OLD, continuing, old_note, stating
from verify.test_evidence import LOG as EVIDENCE_LOG
from verify.test_evidence import bundle
from verify.test_rotations import NEW, rotated
from verify.test_rotations import OLD as RETIRED

LOG = log_signer("log")
PAYLOAD = {"kind": "check.answered", "outcome": "may-share"}
ENTRIES = with_payload(make_entries(8), PAYLOAD, leaf_kind="record")


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, re.sub(r"\s+", " ", captured.out), captured.err


def file_of(directory: Path, name: str, data: bytes | str) -> Path:
    path = directory / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return file_of(tmp_path, "keys", f"# The log's.\n{LOG.key} 0 -\n")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return file_of(tmp_path, "policy", POLICY_TEXT)


def cosigned_at(when: int) -> bytes:
    return note_of(checkpoint_of(ENTRIES), [LOG], {POLICE: when, NHS: when})


class TestReceipt:
    def test_a_witnessed_receipt_says_by_whom_and_when(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path, policy: Path
    ) -> None:
        receipt = file_of(tmp_path, "r", receipt_of(ENTRIES, 8, PAYLOAD, cosigned_at(START + 9)))
        status, out, _ = run(capsys, "receipt", receipt, "--vkeys", keys, "--policy", policy)
        assert status == 0
        assert "assurance witnessed" in out
        assert "cosigned police at 2026-04-01T00:00:09Z" in out
        assert "unverified" not in out
        status, out, _ = run(capsys, "receipt", receipt, "--vkeys", keys)
        assert (status, "assurance operator" in out, "unverified" in out) == (0, True, True)

    def test_anything_less_than_the_quorum_is_not_verified(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path, policy: Path
    ) -> None:
        receipt = file_of(tmp_path, "r", receipt_of(ENTRIES, 8, PAYLOAD, note_of(checkpoint_of(ENTRIES), [LOG])))
        status, out, _ = run(capsys, "receipt", receipt, "--vkeys", keys, "--policy", policy)
        assert (status, out[:26]) == (1, "NOT VERIFIED quorum-short:")

    def test_the_keys_may_be_the_policys(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path, policy: Path
    ) -> None:
        receipt = file_of(tmp_path, "r", receipt_of(ENTRIES, 8, PAYLOAD, cosigned_at(START + 9)))
        assert run(capsys, "receipt", receipt, "--policy", policy)[2][:26] == "COULD NOT RUN keys-missing"
        own = file_of(tmp_path, "own", f"log {LOG.key}\n{POLICY_TEXT}")
        assert run(capsys, "receipt", receipt, "--policy", own)[0] == 0
        other = file_of(tmp_path, "other", f"log {NEW.key}\n{POLICY_TEXT}")
        status, _, err = run(capsys, "receipt", receipt, "--vkeys", keys, "--policy", other)
        assert (status, err[:29]) == (2, "COULD NOT RUN keys-unsuitable")

    @pytest.mark.parametrize(
        ("option", "data", "code"),
        [
            ("--vkeys", "nonsense x y\n", "key-range-malformed"),
            ("--policy", "nonsense\n", "policy-line-unknown"),
            ("--policy", None, "file-unreadable"),
            ("--vkeys", None, "file-unreadable"),
        ],
    )
    def test_what_is_no_file_of_keys_or_policy_gives_no_verdict(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, option: str, data: str | None, code: str
    ) -> None:
        path = tmp_path / "absent" if data is None else file_of(tmp_path, "file", data)
        status, out, err = run(capsys, "receipt", path, "--vkey", LOG.key, option, path)
        assert (status, out, err.split(":")[0]) == (2, "", f"COULD NOT RUN {code}")


class TestLog:
    def test_a_copy_is_verified_like_the_log(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path, policy: Path
    ) -> None:
        now = int(time.time())
        copy = written(published(ENTRIES, cosigned_at(now - 5)), tmp_path / "copy")
        asked = ("log", copy, "--vkeys", keys, "--state", tmp_path / "s", "--policy", policy, "--max-age", 60)
        status, out, err = run(capsys, *asked)
        # Entries of April are older than a cosignature of today, and that is in order.
        assert (status, err) == (0, "")
        assert "assurance witnessed" in out
        assert [one.size for one in State(tmp_path / "s").load_memory(ORIGIN).sightings] == [9]
        file_of(copy, "checkpoint", cosigned_at(now - 90))
        assert "NOT VERIFIED checkpoint-stale" in run(capsys, *asked)[1]

    def test_an_age_needs_witnesses(self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path) -> None:
        status, _, err = run(capsys, "log", tmp_path, "--vkeys", keys, "--state", tmp_path, "--max-age", 60)
        assert (status, err[:27]) == (2, "COULD NOT RUN policy-needed")

    @pytest.mark.parametrize("option", ["--max-age", "--processes"])
    def test_numbers_are_numbers(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, keys: Path, option: str
    ) -> None:
        assert run(capsys, "log", tmp_path, "--vkeys", keys, "--state", tmp_path, option, "0")[0] == 2

    def test_a_rotation_is_followed_and_remembered(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        copy = written(rotated(), tmp_path / "copy")
        status, out, _ = run(capsys, "log", copy, "--vkey", RETIRED.key, "--state", tmp_path / "s")
        assert (status, "keys rotated in entry 20 (scheduled)" in out) == (0, True)
        assert len(State(tmp_path / "s").load_memory(ORIGIN).keys) == 2
        written(rotated(signed_by=(RETIRED,), count=45), copy)
        status, out, _ = run(capsys, "log", copy, "--vkey", RETIRED.key, "--state", tmp_path / "s")
        assert (status, "NOT VERIFIED key-beyond-range" in out, "Evidence kept" in out) == (1, True, True)

    def test_a_continuation_is_followed_and_remembered(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        copy = written(continuing(stating()), tmp_path / "copy")
        old_keys = file_of(tmp_path, "old", f"{OLD.key}\n")
        state = tmp_path / "s"
        asked = ("log", copy, "--vkey", CONTINUING.key, "--state", state, "--continued-from", old_keys)
        status, out, _ = run(capsys, *asked)
        assert (status, "ended at 9 entries (database-restored)" in out) == (0, True)
        assert "nothing was remembered of that log" in out
        assert State(state).load(OLD.name) == old_note(9)
        State(state).save(old_note(12))
        status, out, _ = run(capsys, *asked)
        assert (status, "NOT VERIFIED continuation-lost-entries" in out, "Evidence kept" in out) == (1, True, True)


class TestExport:
    def test_a_bundle_is_verified_and_described(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        file = file_of(tmp_path, "e.isa-evidence.jsonl", bundle([1, 4, 6]))
        status, out, _ = run(capsys, "export", file, "--vkey", EVIDENCE_LOG.key)
        assert status == 0
        assert "3 of a log of 8 entries" in out
        assert "2 present, 0 withheld, 1 erased" in out
        whole = file_of(tmp_path, "w.isa-evidence.jsonl", bundle())
        assert "all 8 entries of the log" in run(capsys, "export", whole, "--vkey", EVIDENCE_LOG.key)[1]

    def test_a_damaged_one_is_not(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        file = file_of(tmp_path, "e", io.BytesIO(bundle()).read()[:-20])
        assert run(capsys, "export", file, "--vkey", EVIDENCE_LOG.key)[:2][0] == 1
        assert run(capsys, "export", tmp_path / "absent", "--vkey", EVIDENCE_LOG.key)[0] == 2
        assert run(capsys, "export", tmp_path, "--vkey", EVIDENCE_LOG.key)[0] == 2
