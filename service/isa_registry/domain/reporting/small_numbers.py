"""How a count is shown in a report, so that nobody is found in it: a small one is not, and every other is rounded.

Tables of a report are linked: what is hidden in one could be worked out from the totals of another, of another body or
of the same report an hour before. Rounding each number by itself, totals among them, leaves nothing exact to subtract.
"""

from __future__ import annotations

SMALLEST = 5
"""A count from one up to below this is not shown. None at all is: it is about nobody."""

STEP = 5
"""What every other count is rounded to the nearest multiple of."""


def shown(count: int) -> int | None:
    """The count as a report shows it; None stands for one that is not shown."""
    if 0 < count < SMALLEST:
        return None
    return (2 * count + STEP) // (2 * STEP) * STEP
