"""A demonstration with three witnesses, and SIGKILL for any process of it: who is killed, and who puts it back."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

from faults.load import ORIGIN, Load
from faults.witnessing import eventually
from isa_registry.runtime.demonstration import CHECKPOINTER
from isa_registry.runtime.embedded.postgres import EmbeddedPostgres
from isa_registry.runtime.embedded.postmaster import Postmaster, is_alive, read_postmaster
from isa_registry.runtime.log_keys.files import make_log_keys, read_log_signer_in
from live import Demonstration
from witnesses import WitnessProcess

SECONDS = 180
"""How long anything may take to come back: on a machine that does other things it is slow, and slow is not lost."""

PARTNERS = ("council", "police", "health")


class Deployment:
    """`demo` under a policy of two of `witnesses`; `policy` is that policy's file."""

    def __init__(self, demo: Demonstration, witnesses: list[WitnessProcess], policy: Path) -> None:
        self.demo = demo
        self.witnesses = witnesses
        self.policy = policy


@contextmanager
def deployed(directory: Path, *, workers: int = 2) -> Iterator[Deployment]:
    """Keys and witnesses first, so that the service starts under their policy."""
    state = directory / "state"
    make_log_keys(state / CHECKPOINTER)
    log = SimpleNamespace(keys=read_log_signer_in(ORIGIN, state / CHECKPOINTER).keys.verifiers)
    with ExitStack() as stack:
        witnesses = [
            stack.enter_context(WitnessProcess(directory / name, f"{name}.example", log))  # type: ignore[arg-type]
            for name in PARTNERS
        ]
        policy = directory / "policy"
        policy.write_text(policy_of(witnesses))
        environment = {"ISA_LOG_LEVEL": "warning", "ISA_LOG_POLICY_FILE": str(policy)}
        demo = stack.enter_context(Demonstration(state, workers=workers, environment=environment))
        yield Deployment(demo, witnesses, policy)


def policy_of(witnesses: list[WitnessProcess]) -> str:
    """Two of them, each by both of its keys."""
    lines = []
    for name, witness in zip(PARTNERS, witnesses, strict=True):
        lines += [f"witness {name}-{number} {key} {witness.url}" for number, key in enumerate(witness.keys)]
        lines.append(f"group {name} all {name}-0 {name}-1")
    return "\n".join([*lines, f"group partners 2 {' '.join(PARTNERS)}", "quorum partners", ""])


class Killer:
    """Kills what it is told to, and brings everything back as those who run it do: the service and the witnesses by
    their service managers, PostgreSQL by its own; what the service itself replaces it is left to replace."""

    def __init__(self, deployment: Deployment, chance: random.Random) -> None:
        self._at = deployment
        self._chance = chance
        self.killed: Counter[str] = Counter()
        self._ways: dict[str, Callable[[], bool]] = {
            "worker": self._worker,
            "service": self._service,
            "checkpointer": self._checkpointer,
            "postmaster": self._postmaster,
            "backend": self._backend,
            "witness": self._witness,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self._ways)

    def kill(self, kind: str) -> bool:
        """SIGKILL to one of that kind. False: none is there at this moment."""
        try:
            done = self._ways[kind]()
        except (ProcessLookupError, FileNotFoundError):
            return False
        self.killed[kind] += done
        return done

    def recover(self, load: Load) -> None:
        """Puts back what nobody else does, and waits until all of it runs and promises again."""
        with EmbeddedPostgres(self._at.demo.state / "postgres"):
            for witness in self._at.witnesses:
                if not witness.running:
                    witness.start()
            if not self._at.demo.running:
                with load.resting():
                    self._at.demo.start(seconds=SECONDS)
            promised = len(load.acknowledged)
            eventually(lambda: len(load.acknowledged) > promised + 5, seconds=SECONDS)
            eventually(lambda: self._at.demo.serving() == self._at.demo.workers, seconds=SECONDS)

    def _worker(self) -> bool:
        return self._kill(self._at.demo.worker_pids())

    def _service(self) -> bool:
        """The whole tree: supervisor, workers, checkpointer."""
        if not self._at.demo.running:
            return False
        self._at.demo.kill(*self._signers())
        return True

    def _checkpointer(self) -> bool:
        return self._kill(self._signers())

    def _postmaster(self) -> bool:
        """The others of its processes end when they notice."""
        found = postmaster_of(self._at.demo.state / "postgres")
        return found is not None and self._kill([found.pid])

    def _backend(self) -> bool:
        """One that works for the service: PostgreSQL then ends all sessions, and recovers by itself."""
        found = postmaster_of(self._at.demo.state / "postgres")
        if found is None:
            return False
        return self._kill([one for one in children(found.pid) if b" isa_registry " in command(one)])

    def _witness(self) -> bool:
        running = [one for one in self._at.witnesses if one.running]
        if not running:
            return False
        self._chance.choice(running).kill()
        return True

    def _kill(self, candidates: list[int]) -> bool:
        if not candidates:
            return False
        os.kill(self._chance.choice(candidates), signal.SIGKILL)
        return True

    def _signers(self) -> list[int]:
        if not self._at.demo.running:
            return []
        return [one for one in children(self._at.demo.pid) if b"\0checkpoint\0" in command(one)]


def cluster_of(state: Path) -> Path:
    """The data directory of the embedded PostgreSQL of a state directory that its account can reach."""
    return state.resolve() / "postgres" / "data"


def postmaster_of(state: Path) -> Postmaster | None:
    """None where none runs: its file of the process id may be gone, or be left of one that was killed."""
    data = cluster_of(state)
    found = read_postmaster(data)
    return found if found is not None and is_alive(found.pid, data) else None


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def command(pid: int) -> bytes:
    """What a process was started as; empty once it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def a_moment(chance: random.Random, longest: float) -> None:
    time.sleep(chance.uniform(0, longest))
