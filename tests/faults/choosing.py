"""What a step of a sequence needs, so that which step is chosen next never depends on how an earlier one went.

How far a checkpointer has come, say, is a matter of time. A choice that rested on it would be another one when the
same sequence is run again, and the machinery that chooses, and that shortens what failed, cannot have that. So a step
that has nothing to do does nothing, and one that needs the newer database has it brought back first.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

Step = Callable[..., None]
Condition = Callable[[Any], object]


def only_if(condition: Condition) -> Callable[[Step], Step]:
    """The step does nothing unless this holds."""

    def decorate(step: Step) -> Step:
        @functools.wraps(step)
        def taken(self: Any, **drawn: object) -> None:
            if condition(self):
                step(self, **drawn)

        return taken

    return decorate


def on_the_newest_log(condition: Condition = lambda _: True) -> Callable[[Step], Step]:
    """The step is taken on the newest log, which is brought back for it, and does nothing unless this holds there."""

    def decorate(step: Step) -> Step:
        @functools.wraps(step)
        def taken(self: Any, **drawn: object) -> None:
            self.come_back()
            if condition(self):
                step(self, **drawn)

        return taken

    return decorate
