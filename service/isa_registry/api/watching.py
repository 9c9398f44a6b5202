"""What one worker counts of refusals, for the operator's monitoring, and the patterns that it says aloud."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import structlog

from isa_registry.identity.callers import Caller
from isa_registry.runtime.rate_limit import RateLimit

_log = structlog.get_logger("isa_registry.watch")

ALARM_AFTER = 20
ALARM_SECONDS = 600
"""So many things of others that one client asks for, in so many seconds, are not a slip of the hand."""

_ISOLATION = frozenset({"not-your-organisation", "not-found"})


class Watch:
    """Counts by code alone: no token, no reference and no person is in a figure.

    A caller that is told again and again that something is not its own, or is not there, is named in the log, once for
    each stretch of ten minutes: by its organisation, its issuer and its client, and a person only as one of them.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.refused: Counter[str] = Counter()
        self.limited: Counter[str] = Counter()
        self.alarms: Counter[str] = Counter()
        self.sign_ins: Counter[str] = Counter()
        self.replays: Counter[str] = Counter()
        self._isolation = RateLimit(ALARM_AFTER / ALARM_SECONDS, ALARM_AFTER, monotonic)
        self._said = RateLimit(1 / ALARM_SECONDS, 1, monotonic)

    def replayed(self, verdict: str) -> None:
        """Counts what came of a check that was answered again; an untouched log never gives `different`."""
        self.replays[verdict] += 1
        if verdict == "different":
            self.alarms["replay-different"] += 1

    def sign_in_refused(self, reason: str) -> None:
        """Counts one answer or logout of a provider that was not taken, by a code of ours."""
        self.sign_ins[reason] += 1

    def refusal(self, code: str, caller: Caller | None, violated: tuple[str, ...] = ()) -> None:
        """Counts one answer that refused."""
        self.refused[code] += 1
        self.limited.update(violated)
        if caller is None or code not in _ISOLATION:
            return
        who = (caller.issuer, caller.client, caller.subject)
        if not self._isolation.allows(who) and self._said.allows(who):
            self.alarms["isolation"] += 1
            _log.warning(
                "isolation-refusals",
                organisation=caller.organisation,
                issuer=caller.issuer,
                client=caller.client,
                person=caller.person,
            )
