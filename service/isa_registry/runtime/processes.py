"""One worker as a process: how it ends, and what it keeps in memory."""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal


async def end_with_supervisor() -> None:
    """Ends this worker when the process that supervises it was killed outright: nobody would replace or stop it."""
    supervisor = multiprocessing.parent_process()
    if supervisor is None:
        return
    while os.getppid() == supervisor.pid:  # noqa: ASYNC110 - the kernel tells nobody
        await asyncio.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def settle_memory() -> None:
    """Takes what was loaded at the start out of the garbage collector's rounds: it stays, and there is much of it.

    An answer's many small objects go by reference counting; rarer rounds halve what a batch of questions costs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
