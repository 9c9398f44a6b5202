"""Check a log's ranges in several processes at once. Each reads what it checks by itself."""

import copy
import itertools
import multiprocessing
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import BaseContext
from typing import Final

from isa_verify.directory import DirectoryLog
from isa_verify.errors import CannotRunError
from isa_verify.fetching import HttpLog
from isa_verify.ranges import CheckedRange, Range, ReadRanges, check_range, in_this_process

Source = HttpLog | DirectoryLog

_WORTH_STARTING: Final = 4
"""Up to so many ranges are checked sooner than processes start."""

_sources: list[Source] = []
"""In a process that checks ranges, the one that it reads from."""


def in_processes(source: Source, count: int) -> ReadRanges:
    """Return how to check ranges of this log in `count` processes, which is this one where `count` is 1.

    At most three ranges a process are under way. Raises `CannotRunError` `process-failed` where one ends by itself.
    """
    here = in_this_process(source.fetch, source.fetch_many)
    if count == 1:
        return here

    def read(ranges: Iterable[Range]) -> Iterator[CheckedRange]:
        remaining = iter(ranges)
        first = list(itertools.islice(remaining, _WORTH_STARTING + 1))
        if len(first) <= _WORTH_STARTING:
            return here(first)
        return _spread(source, count, itertools.chain(first, remaining))

    return read


def _spread(source: Source, count: int, ranges: Iterable[Range]) -> Iterator[CheckedRange]:
    # A fork starts at once, and is safe while there is no other thread; elsewhere an interpreter starts anew.
    fork = sys.platform == "linux" and threading.active_count() == 1
    context: BaseContext = multiprocessing.get_context("fork" if fork else "spawn")
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin, initargs=(source,))
    waiting: deque[Future[CheckedRange]] = deque()
    try:
        for asked in ranges:
            waiting.append(pool.submit(_check, asked))
            if len(waiting) >= 3 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise CannotRunError("process-failed", "A process that checked a part of the log ended by itself.") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(source: Source) -> None:
    # What was copied with its open connections would talk over those of the process that it came from.
    _sources[:] = [copy.copy(source)]
    # Ctrl-C is for the process that waits for the answers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _check(asked: Range) -> CheckedRange:
    return check_range(_sources[0].fetch, _sources[0].fetch_many, asked)
