"""Keeps the workers running: one that dies is replaced, however often, and the others go on meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import structlog
from granian.server import MPServer

from isa_registry.cli.companions import Companion

_log = structlog.get_logger(__name__)

YOUNG_SECONDS = 5.0
"""A worker that ends before this age may not be able to start."""

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
FUTILE_STARTS = 5

_LOOK_SECONDS = 1.0


class Workers(MPServer):
    """Granian's workers, under a supervisor that does not give them up.

    A worker that ends is replaced at once; one that ends young, after a pause that doubles from 0.25 seconds to 10 each
    time. `serve` exits with status 1 only where no worker has ever grown old, none was killed, and one has ended young
    five times in a row: the service cannot start as it is set up. `companions` are tended beside them.
    """

    companions: Sequence[Companion] = ()

    # Granian's own loop, which this replaces, ends everything when one worker dies twice within 5.5 seconds, and
    # overlooks a death that it hears of while it replaces another worker.
    def _serve_loop(self, spawn_target: Callable[..., None], target_loader: Callable[..., Any]) -> None:
        young_deaths = [0] * self.workers
        due: dict[int, float] = {}
        can_start = False
        while True:
            for companion in self.companions:
                companion.tend()
            now = time.monotonic()
            wake = min([now + _LOOK_SECONDS, *due.values()])
            self.main_loop_interrupt.wait(max(0.0, wake - now))
            self.main_loop_interrupt.clear()
            if self.interrupt_signal:
                return
            if self.reload_signal:
                self._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]
                due.clear()
            now = time.monotonic()
            while self.interrupt_children:
                dead = self.interrupt_children[0]
                young = now - self.wrks[dead].birth < YOUNG_SECONDS
                young_deaths[dead] = young_deaths[dead] + 1 if young else 0
                can_start = can_start or not young or self._was_killed(dead) or self._another_is_old(dead, due, now)
                if young_deaths[dead] == FUTILE_STARTS and not can_start:
                    _log.error("workers-cannot-start")
                    # What is left in the list makes Granian exit with status 1.
                    return
                self.interrupt_children.pop(0)
                pause = pause_after(young_deaths[dead])
                _log.error("worker-ended", worker=dead + 1, replaced_in_seconds=pause)
                due[dead] = now + pause
            for dead in [worker for worker, at in due.items() if at <= now]:
                del due[dead]
                self._respawn_workers([dead], spawn_target, target_loader)

    def _was_killed(self, dead: int) -> bool:
        """By a signal: it did not end because it could not start. A status that was lost counts as that too."""
        status = self.wrks[dead].inner.exitcode
        return status is None or status < 0

    def _another_is_old(self, dead: int, due: dict[int, float], now: float) -> bool:
        others = (worker for index, worker in enumerate(self.wrks) if index != dead and index not in due)
        return any(now - worker.birth >= YOUNG_SECONDS for worker in others)


def pause_after(young_deaths: int) -> float:
    """Seconds before a worker is replaced that ended young so many times in a row."""
    return 0.0 if young_deaths == 0 else min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (young_deaths - 1))
