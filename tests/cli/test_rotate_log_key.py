"""`isa-registry rotate-log-key`, as an operator rotates: the service, the signer and an auditor are processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cli.test_commands import ORIGIN, founding, run, settings, signing  # noqa: F401 - fixtures
from isa_registry.__main__ import main
from isa_registry.store.pool import connect
from isa_registry.store.witnesses import StoredWitness, tell_witnesses
from isa_verify import cli as verifier
from isa_verify.log_keys import parse_keys
from isa_verify.note import VerifierKey, parse_note
from live import free_port
from witnesses import WitnessProcess


class Operator:
    """A founded log with its settings; commands run in this process, what stays runs in processes of its own."""

    def __init__(self, service: dict[str, str], signer: dict[str, str], place: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.service = {**service, "ISA_PUBLIC_URL": self.url, "ISA_PORT": str(self.port), "ISA_WORKERS": "1"}
        self.service |= {"ISA_CHECKPOINT_FILE": signer["ISA_CHECKPOINT_FILE"]}
        self.signer = signer
        self.place = place
        self.vkeys = place / "next.vkeys"
        self._holds = 0

    @contextmanager
    def process(self, command: str, environment: dict[str, str]) -> Iterator[None]:
        output = self.place / f"{command}.log"
        with output.open("ab") as file:
            started = subprocess.Popen(
                [sys.executable, "-m", "isa_registry", command],
                env={"PATH": os.environ["PATH"], **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            yield
            assert started.poll() is None, output.read_text()
        finally:
            started.terminate()
            started.wait(20)

    def knows_witness(self, name: str, *, accepts: bool) -> None:
        """As the checkpointer tells how a witness of its policy stands."""
        asyncio.run(_tell(self.service["DATABASE_URL"], name, accepts))

    def next_keys(self) -> dict[str, str]:
        return {
            "ISA_NEXT_LOG_KEY_FILE": str(self.place / "next" / "log-key.pem"),
            "ISA_NEXT_LOG_KEY_ML_DSA_44_FILE": str(self.place / "next" / "log-key-ml-dsa-44.pem"),
        }

    def signed(self) -> tuple[int, int]:
        """The size of the newest checkpoint, and how many lines it carries."""
        try:
            note = parse_note(Path(self.signer["ISA_CHECKPOINT_FILE"]).read_bytes())
        except FileNotFoundError:
            return 0, 0
        return int(note.text.split(b"\n")[1]), len(note.signatures)


async def _tell(url: str, name: str, accepts: bool) -> None:
    connection = await connect(url, "isa_checkpoint")
    now = datetime.now(UTC)
    told = StoredWitness(name, "a key", "healthy", 1, now, None, now, accepts)
    await tell_witnesses(connection, [told])
    await connection.close()


class Screen:
    """What commands that run here answer: their status, and all that they printed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], operator: Operator) -> None:
        for name, value in operator.service.items():
            monkeypatch.setenv(name, value)
        self._capsys = capsys
        self._operator = operator

    def command(self, *arguments: str) -> tuple[int, str]:
        status = main(list(arguments))
        shown = self._capsys.readouterr()
        return status, shown.out + shown.err

    def rotating(self, step: str, *arguments: str) -> tuple[int, str]:
        return self.command("rotate-log-key", step, "--vkeys", str(self._operator.vkeys), *arguments)

    def audit(self, state: Path, *keys: str, url: str | None = None, policy: Path | None = None) -> tuple[int, str]:
        given = [argument for key in keys for argument in ("--vkey", key)]
        given += [] if policy is None else ["--policy", str(policy)]
        status = verifier.main(["log", url or self._operator.url, "--state", str(state), *given])
        shown = self._capsys.readouterr()
        return status, shown.out + shown.err

    def grow(self) -> None:
        """One more entry, and a checkpoint that covers it."""
        before = self._operator.signed()[0]
        self._operator._holds += 1
        status, shown = self.command("erase", "--hold", f"hold-{self._operator._holds}", "--reason", "inquiry",
                                     "--entry", "1")  # fmt: skip
        assert 0 == status, shown
        eventually(lambda: self._operator.signed()[0] > before)


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def operator(
    settings: dict[str, str],  # noqa: F811
    signing: dict[str, str],  # noqa: F811
    founding: Path,  # noqa: F811
    tmp_path: Path,
) -> Operator:
    assert 0 == run("import", str(founding), **settings).returncode
    found = Operator(settings, signing, tmp_path)
    made = run("rotate-log-key", "keys", str(tmp_path / "next"), "--origin", ORIGIN)
    assert 0 == made.returncode, made.stderr
    found.vkeys.write_text(made.stdout)
    return found


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], operator: Operator) -> Screen:
    return Screen(monkeypatch, capsys, operator)


def test_a_rotation_from_the_first_step_to_the_last(operator: Operator, screen: Screen, tmp_path: Path) -> None:
    old = operator.service["ISA_LOG_VKEYS"].split()
    new = operator.vkeys.read_text().split()
    with operator.process("serve", operator.service):
        with operator.process("checkpoint", operator.signer):
            eventually(lambda: operator.signed()[0] > 0)
            status, shown = screen.rotating("status")
            assert (0, True) == (status, "the next keys do not sign yet" in shown)
            status, shown = screen.rotating("rotate")
            assert (1, True) == (status, "ISA_NEXT_LOG_KEY_FILE" in shown)
            eventually(lambda: ready(operator))
            assert 0 == screen.audit(tmp_path / "auditor", *old)[0]
        with operator.process("checkpoint", {**operator.signer, **operator.next_keys()}):
            screen.grow()
            assert 4 == operator.signed()[1]
            assert (0, True) == with_words(screen.rotating("status"), "next: isa-registry rotate-log-key rotate")
            assert (1, True) == with_words(screen.rotating("finish"), "not logged yet")
            operator.knows_witness("police", accepts=False)
            assert (0, True) == with_words(screen.rotating("status"), "witness police does not accept the next keys")
            assert (1, True) == with_words(screen.rotating("rotate"), "Not accepted yet by police")
            assert (2, True) == with_words(screen.rotating("rotate", "--without", "fire"), "no witness fire")
            rotated = screen.rotating("rotate", "--overlap", "1", "--without", "police")
            assert (0, True) == with_words(rotated, "both sign up to the size")
            assert (1, True) == with_words(screen.rotating("rotate"), "logged already")
            assert (1, True) == with_words(screen.rotating("finish"), "not over")
            screen.grow()
            eventually(lambda: operator.signed()[1] == 2)
            assert (0, True) == with_words(screen.rotating("finish"), f"                {new[0]}")
        signer = {**operator.signer, **dict(zip(("ISA_LOG_KEY_FILE", "ISA_LOG_KEY_ML_DSA_44_FILE"),
                                                operator.next_keys().values(), strict=True))}  # fmt: skip
        with operator.process("checkpoint", signer):
            screen.grow()
            eventually(lambda: published(operator) == operator.signed()[0])
            status, shown = screen.audit(tmp_path / "auditor", *old)
            assert (0, True) == (status, "(scheduled)" in shown), shown
            assert 0 == screen.audit(tmp_path / "another", *new)[0]
        listed = parse_keys(httpx.get(f"{operator.url}/log/keys").content)
    assert [*new, *old] == [str(one.key) for one in listed]
    assert [None, None] == [one.last for one in listed[:2]]
    status, shown = screen.command("export", "--tiles", str(tmp_path / "copy"))
    assert 0 == status, shown
    assert 0 == screen.audit(tmp_path / "third", *old, url=str(tmp_path / "copy"))[0]
    assert 0 == screen.command("fsck")[0]


class Listed:
    """What a witness is told of the log: the keys in its list."""

    def __init__(self, *vkeys: str) -> None:
        self.keys = tuple(VerifierKey.parse(vkey) for vkey in vkeys)


@pytest.mark.long
def test_after_a_compromise_an_auditor_is_stopped_and_pins_anew(
    operator: Operator, screen: Screen, tmp_path: Path
) -> None:
    old = operator.service["ISA_LOG_VKEYS"].split()
    new = operator.vkeys.read_text().split()
    policy, state = tmp_path / "policy", tmp_path / "auditor"
    with ExitStack() as running:
        witness = running.enter_context(
            WitnessProcess(tmp_path / "police", "police.example", Listed(*old))  # type: ignore[arg-type]
        )
        lines = [f"witness police-{number} {key} {witness.url}" for number, key in enumerate(witness.keys)]
        policy.write_text("\n".join([*lines, "group all all police-0 police-1", "quorum all"]) + "\n")
        running.enter_context(operator.process("serve", operator.service))
        with operator.process("checkpoint", {**operator.signer, "ISA_LOG_POLICY_FILE": str(policy)}):
            eventually(lambda: ready(operator) and published(operator) > 0)
            assert 0 == screen.audit(state, *old)[0]
        good = published(operator)
        # The witness strikes the old keys off its list first of all.
        witness.stop()
        witness.vkeys.write_text("".join(f"{vkey}\n" for vkey in new))
        witness.start()
        replaced = screen.rotating("rotate", "--reason", "compromise", "--last-good-size", str(good))
        assert (0, True) == with_words(replaced, "the old keys sign no size beyond it")
        moved = dict(
            zip(("ISA_LOG_KEY_FILE", "ISA_LOG_KEY_ML_DSA_44_FILE"), operator.next_keys().values(), strict=True)
        )
        with operator.process("checkpoint", {**operator.signer, **moved, "ISA_LOG_POLICY_FILE": str(policy)}):
            eventually(lambda: published(operator) > good)
            assert (0, True) == with_words(screen.rotating("finish"), "the new keys sign alone")
            assert (1, True) == with_words(screen.audit(state, *old), "NOT VERIFIED key-compromised")
            assert (1, True) == with_words(screen.audit(state, *new), "NOT VERIFIED quorum-needed")
            assert (0, True) == with_words(screen.audit(state, *new, policy=policy), "(compromise)")
            assert 0 == screen.audit(state, *new)[0]


def test_next_keys_are_made_once_and_private(operator: Operator) -> None:
    directory = operator.place / "next"
    assert [0o600] * 2 == [path.stat().st_mode & 0o777 for path in directory.iterdir()]
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    again = run("rotate-log-key", "keys", str(directory), "--origin", ORIGIN)
    assert (2, True) == (again.returncode, "nothing is made or overwritten" in again.stderr)
    assert before == {path.name: path.read_bytes() for path in directory.iterdir()}
    current = run("rotate-log-key", "keys", str(operator.place / "keys"), "--origin", ORIGIN)
    assert (2, True) == (current.returncode, "a directory of its own" in current.stderr)
    assert {ORIGIN} == {VerifierKey.parse(line).name for line in operator.vkeys.read_text().split()}


def test_what_cannot_be_done_yet_is_said(operator: Operator, screen: Screen) -> None:
    for arguments, status, why in (
        (("--reason", "compromise"), 2, "--last-good-size"),
        (("--reason", "compromise", "--last-good-size", "3"), 1, "only witnesses can vouch"),
        (("--last-good-size", "3"), 2, "is for --reason compromise"),
        (("--overlap", "0"), 2, "at least 1"),
        ((), 1, "do not sign yet"),
    ):
        assert (status, True) == with_words(screen.rotating("rotate", *arguments), why)
    operator.knows_witness("police", accepts=False)
    refused = screen.rotating("rotate", "--reason", "compromise", "--last-good-size", "100000")
    assert (1, True) == with_words(refused, "trusts a key beyond its compromise")
    replaced = screen.rotating("rotate", "--reason", "compromise", "--last-good-size", "3")
    assert (0, True) == with_words(replaced, "the old keys sign no size beyond it")
    assert (1, True) == with_words(screen.rotating("finish"), "once a checkpoint covers entry")
    operator.vkeys.write_text("nothing")
    assert (2, True) == with_words(screen.rotating("status"), "does not have the form")
    operator.vkeys.unlink()
    assert (2, True) == with_words(screen.rotating("status"), "cannot be read")


def test_the_checkpointer_takes_both_next_keys_or_neither(operator: Operator) -> None:
    key, other = operator.next_keys().items()
    for given in (key, other):
        refused = run("checkpoint", **operator.signer, **dict([given]))
        assert (2, True) == (refused.returncode, "set both, or neither" in refused.stderr)
    same = {
        "ISA_NEXT_LOG_KEY_FILE": operator.signer["ISA_LOG_KEY_FILE"],
        "ISA_NEXT_LOG_KEY_ML_DSA_44_FILE": operator.signer["ISA_LOG_KEY_ML_DSA_44_FILE"],
    }
    refused = run("checkpoint", **operator.signer, **same)
    assert (2, True) == (refused.returncode, "not other keys" in refused.stderr)


def with_words(answer: tuple[int, str], words: str) -> tuple[int, bool | str]:
    """The status, and whether the words were said; otherwise what was."""
    return answer[0], words in answer[1] or answer[1]


def ready(operator: Operator) -> bool:
    try:
        return httpx.get(f"{operator.url}/readyz").json()["checkpoint_size"] > 0
    except (httpx.HTTPError, KeyError, ValueError, TypeError):
        return False


def published(operator: Operator) -> int:
    answer = httpx.get(f"{operator.url}/log/checkpoint")
    return int(answer.text.split("\n")[1]) if answer.status_code == 200 else 0
