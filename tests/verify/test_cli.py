import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from isa_verify import cli
from isa_verify.checkpoint import Checkpoint
from isa_verify.encoding import encode_base64
from isa_verify.state import State
from verify.http_server import ServedLog, serving
from verify.naive_merkle import naive_root
from verify.published_log import (
    ED25519_KEY,
    KEYS,
    ML_DSA_KEY,
    ORIGIN,
    PublishedLog,
    flipped,
    make_entries,
    make_receipt,
    sign,
)

ENTRIES = make_entries(300)
VKEYS = [word for key in KEYS for word in ("--vkey", str(key))]


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    file = tmp_path / "check.isa-receipt.json"
    file.write_bytes(make_receipt(ENTRIES[:9], 4))
    return file


@pytest.fixture
def served() -> Iterator[ServedLog]:
    with serving(PublishedLog(ENTRIES)) as served:
        yield served


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = cli.main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, re.sub(r"\s+", " ", captured.out), captured.err


class TestReceipt:
    def test_an_honest_receipt_is_described(self, capsys: pytest.CaptureFixture[str], receipt: Path) -> None:
        status, out, err = run(capsys, "receipt", receipt, *VKEYS)
        assert (status, err) == (0, "")
        assert out.startswith("VERIFIED ")
        for words in (
            ORIGIN,
            "index 4, in a log of 9 entries",
            "check.answered",
            "2026-04-01T00:00:04.000Z",
            "operator (on the word of the log's operator alone",
            f"Ed25519 key {ED25519_KEY.key_id.hex()}",
            f"ML-DSA-44 key {ML_DSA_KEY.key_id.hex()}",
        ):
            assert words in out
        assert "unverified" not in out

    def test_a_signature_that_was_not_checked_is_said_to_be_unverified(
        self, capsys: pytest.CaptureFixture[str], receipt: Path
    ) -> None:
        status, out, _ = run(capsys, "receipt", receipt, "--vkey", ED25519_KEY)
        assert status == 0
        assert f"unverified a line by {ORIGIN}, key {ML_DSA_KEY.key_id.hex()}" in out

    def test_a_changed_receipt_is_not_verified_and_the_reason_named(
        self, capsys: pytest.CaptureFixture[str], receipt: Path
    ) -> None:
        receipt.write_bytes(receipt.read_bytes().replace(b'"salt":"', b'"salt":"A', 1))
        status, out, _ = run(capsys, "receipt", receipt, *VKEYS)
        assert status == 1
        assert re.fullmatch(r"NOT VERIFIED receipt-malformed: [A-Z].*\. ", out)

    def test_another_logs_key_does_not_verify(self, capsys: pytest.CaptureFixture[str], receipt: Path) -> None:
        other = type(ED25519_KEY)("other.example", 1, ED25519_KEY.public)
        assert run(capsys, "receipt", receipt, "--vkey", other)[0:1] == (1,)

    def test_a_file_that_cannot_be_read_gives_no_verdict(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        for path in (tmp_path / "absent", tmp_path, "a\0b"):
            status, out, err = run(capsys, "receipt", path, *VKEYS)
            assert (status, out) == (2, "")
            assert err.startswith("COULD NOT RUN file-unreadable: ")

    @pytest.mark.parametrize("vkey", ["", "name", str(ED25519_KEY)[:-1], "a+00000000+AAAA"])
    def test_a_key_that_is_no_key_gives_no_verdict(
        self, capsys: pytest.CaptureFixture[str], receipt: Path, vkey: str
    ) -> None:
        status, out, err = run(capsys, "receipt", receipt, "--vkey", vkey)
        assert (status, out) == (2, "")
        assert err.startswith("COULD NOT RUN key-")

    def test_keys_of_two_logs_give_no_verdict(self, capsys: pytest.CaptureFixture[str], receipt: Path) -> None:
        other = type(ED25519_KEY)("other.example", 1, ED25519_KEY.public)
        status, _, err = run(capsys, "receipt", receipt, *VKEYS, "--vkey", other)
        assert (status, err[:32]) == (2, "COULD NOT RUN keys-unsuitable: T")


class TestLog:
    def test_a_log_is_verified_remembered_and_verified_again(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        status, out, err = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        assert (status, err) == (0, "")
        for words in (ORIGIN, "300 entries", encode_base64(naive_root(ENTRIES)), "first seen now", "all read"):
            assert words in out
        assert State(tmp_path).load(ORIGIN) == served.log.files["checkpoint"]

        served.log.entries = make_entries(310, start=ENTRIES)
        served.log.publish()
        status, out, _ = run(capsys, "log", f"{served.url}/log", *VKEYS, "--state", tmp_path)
        assert status == 0
        assert "310 entries" in out
        assert "extends the 300 entries verified before" in out
        assert State(tmp_path).load(ORIGIN) == served.log.files["checkpoint"]

    @pytest.mark.parametrize("refusal", [401, 403])
    def test_entries_that_need_a_token_are_said_not_to_have_been_read(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog, refusal: int
    ) -> None:
        served.tokens, served.refusal = {"good"}, refusal
        status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        assert status == 0
        assert "NOT read" in out

        status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path, "--token", "good")
        assert status == 0
        assert "all read" in out

        status, out, err = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path, "--token", "bad")
        assert (status, out) == (2, "")
        assert err.startswith("COULD NOT RUN access-denied: ")

    def test_a_log_rolled_back_is_refused_and_the_evidence_kept(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        before = served.log.files["checkpoint"]
        served.log.entries = ENTRIES[:299]
        served.log.publish()
        status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        assert status == 1
        assert "NOT VERIFIED log-shrank: The log has 299 entries, fewer than the 300 last seen." in out
        assert State(tmp_path).load(ORIGIN) == before
        kept = {file.suffix: file.read_bytes() for file in tmp_path.iterdir() if file.suffix != ".prefix"}
        assert kept == {"": before, ".trusted": before, ".observed": served.log.files["checkpoint"]}

    def test_a_log_rewritten_is_refused(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        served.log.entries = make_entries(320, seed="forked", start=ENTRIES[:100])
        served.log.publish()
        for _ in range(2):
            status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
            assert (status, "NOT VERIFIED log-forked" in out) == (1, True)

    def test_a_damaged_log_is_refused_and_not_remembered(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        for path in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"):
            honest = served.log.files[path]
            served.log.files[path] = flipped(honest, len(honest) // 2)
            status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
            assert (status, out[:13]) == (1, "NOT VERIFIED ")
            served.log.files[path] = honest
        assert list(tmp_path.iterdir()) == []

    def test_a_checkpoint_that_the_hashes_do_not_give_is_refused(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        served.log.files["checkpoint"] = sign(Checkpoint(ORIGIN, 300, bytes(32)))
        status, out, _ = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        assert (status, "root-mismatch" in out) == (1, True)

    def test_a_damaged_memory_gives_no_verdict(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        next(tmp_path.iterdir()).write_bytes(b"damaged")
        status, _, err = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)
        assert (status, err[:31]) == (2, "COULD NOT RUN state-malformed: ")

    def test_an_address_without_a_log_gives_no_verdict(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog
    ) -> None:
        for url in (f"{served.url}/elsewhere", "file:///etc"):
            status, out, err = run(capsys, "log", url, *VKEYS, "--state", tmp_path)
            assert (status, out, err[:14]) == (2, "", "COULD NOT RUN ")

    def test_progress_is_shown_on_a_terminal_only(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path, served: ServedLog, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert run(capsys, "log", served.url, *VKEYS, "--state", tmp_path)[2] == ""
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
        err = run(capsys, "log", served.url, *VKEYS, "--state", tmp_path, "--from-start")[2]
        assert err == "\r256 of 300 entries\r300 of 300 entries\n"


class TestTheCommand:
    @pytest.mark.parametrize("arguments", [["--help"], ["receipt", "--help"], ["log", "--help"]])
    def test_help_explains_and_succeeds(self, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
        status, out, err = run(capsys, *arguments)
        assert (status, err) == (0, "")
        assert "exit status: 0 verified, 1 not verified, 2 could not run" in out

    @pytest.mark.parametrize("arguments", [[], ["export"], ["receipt"], ["log", "url"]])
    def test_wrong_usage_could_not_run(self, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
        status, out, err = run(capsys, *arguments)
        assert (status, out) == (2, "")
        assert "usage: isa-verify" in err

    @pytest.mark.parametrize("failure", [RuntimeError("s3cret"), RecursionError(), OSError(), KeyboardInterrupt()])
    def test_no_failure_ends_in_a_traceback(
        self,
        capsys: pytest.CaptureFixture[str],
        receipt: Path,
        monkeypatch: pytest.MonkeyPatch,
        failure: BaseException,
    ) -> None:
        def fail(*_: object) -> None:
            raise failure

        monkeypatch.setattr(cli, "verify_receipt", fail)
        status, out, err = run(capsys, "receipt", receipt, *VKEYS)
        assert (status, out) == (2, "")
        assert err.startswith("COULD NOT RUN ")
        assert "s3cret" not in err
        assert "Traceback" not in err

    def test_it_runs_as_a_module(self, receipt: Path) -> None:
        service = Path(cli.__file__).parents[1]
        ended = subprocess.run(
            [sys.executable, "-m", "isa_verify", "receipt", receipt, *VKEYS],
            capture_output=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(service)},
        )
        assert (ended.returncode, ended.stdout[:9], ended.stderr) == (0, b"VERIFIED\n", b"")

    def test_a_name_that_could_move_the_cursor_is_not_printed(
        self, capsys: pytest.CaptureFixture[str], receipt: Path
    ) -> None:
        data = receipt.read_bytes().replace(
            f"\\n\N{EM DASH} {ORIGIN}".encode(), f"\\n\N{EM DASH} a\x9b2Jb AAAAAAA=\\n\N{EM DASH} {ORIGIN}".encode(), 1
        )
        receipt.write_bytes(data)
        status, out, _ = run(capsys, "receipt", receipt, *VKEYS)
        assert status == 0
        assert "\x9b" not in out
        assert "a name that cannot be printed" in out
