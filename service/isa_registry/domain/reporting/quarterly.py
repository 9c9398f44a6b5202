"""The quarterly figures for a partnership's learning: what is counted, and how it is shown.

They are about how a partnership shares, by quarter and body: never about a person, and not usable as one's performance.
Small numbers are taken out and the others rounded (`small_numbers.py`), in the text of the frame too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from isa_registry.domain.challenging.codes import GROUNDS, OUTCOMES
from isa_registry.domain.challenging.counting import Counted
from isa_registry.domain.reporting.quarters import Quarter
from isa_registry.domain.reporting.small_numbers import SMALLEST, STEP, shown
from isa_registry.domain.resting import RESTS_ON
from isa_registry.domain.sharing import DECISIONS

ALL = ""
"""The name under which all bodies in view are counted together."""

ANSWERS = ("share-now", "duty-to-share", "may-share", "ask-consent", "seek-advice", "do-not-share")


class Measure(Struct, frozen=True):
    """One thing that is counted: its codes, in the order in which they are shown, and what it says in words."""

    code: str
    says: str
    codes: tuple[str, ...]


MEASURES = (
    Measure("checks", "Questions asked and recorded, by the answer that was given", ANSWERS),
    Measure("checks-by-basis", "Questions asked and recorded, by what the answer rests on", RESTS_ON),
    Measure("decisions", "Decisions recorded, by what was decided", DECISIONS),
    Measure("shared-by-basis", "Decisions to share, in whole or in part, by what they rest on", RESTS_ON),
    Measure(
        "not-shared",
        "Decisions not to share or to wait, by what became of them since",
        ("stands", "shared-since", "changed-otherwise"),
    ),
    Measure(
        "flags",
        "Decisions that went against the answer to their own facts, for a second look",
        ("withheld-against-duty", "review-basis"),
    ),
    Measure(
        "acknowledgements",
        "What was shared with a registered body, by what that body has said of it",
        ("matched", "disputed", "unmatched"),
    ),
    Measure("late-entries", "Decisions recorded more than a day after they were made", ("late",)),
    Measure(
        "consents",
        "What people said when they were asked for consent or agreement",
        ("given", "refused", "renewed", "withdrawn", "invalidated"),
    ),
    Measure(
        "challenges",
        "Professional differences that a body raised in the quarter, closed in it, in time, open and overdue after it",
        ("raised", "closed", "within-time", "open", "overdue"),
    ),
    Measure("challenges-by-ground", "Those raised in the quarter, by what was disputed", tuple(GROUNDS)),
    Measure("challenges-by-outcome", "Those closed in the quarter, by what came of them", tuple(OUTCOMES)),
)


class Count(Struct, frozen=True):
    """A number of one body, of one measure and code."""

    body: str
    measure: str
    code: str
    count: int


def counts_of_challenges(body: str, counted: Counted) -> Iterator[Count]:
    """What a body raised, as counts of the measures about challenges."""
    whole = {"raised": counted.raised, "closed": counted.closed, "within-time": counted.within_time}
    whole |= {"open": counted.open, "overdue": counted.overdue}
    for measure, counts in (
        ("challenges", whole),
        ("challenges-by-ground", counted.by_ground),
        ("challenges-by-outcome", counted.by_outcome),
    ):
        yield from (Count(body, measure, code, count) for code, count in counts.items() if count)


class Times(Struct, frozen=True):
    """Minutes from a recorded answer to the decision that names it: of `count` decisions the middle one, and the one
    that nine of ten stay below. All are None where `count` is small."""

    count: int | None
    median_minutes: int | None
    ninth_minutes: int | None


class Tally(Struct, frozen=True):
    """The numbers of one measure, by code; None stands for a number that is not shown."""

    code: str
    says: str
    total: int | None
    values: dict[str, int | None]


class BodyFigures(Struct, frozen=True):
    """One body's numbers, in the order of `MEASURES`."""

    organisation: str
    name: str
    measures: tuple[Tally, ...]
    times: Times


class Coverage(Struct, frozen=True):
    """How many of the bodies that are parties to a version counted as its signatories on `on`."""

    agreement: str
    version: str
    on: str
    signatories: int
    asked: int


class Figures(Struct, frozen=True):
    """The numbers of a quarter, of all bodies in view together and of each, as a log of `log_size` entries shows them.
    Numbers from 1 to `suppressed_below` less one are not shown; every other is rounded to a multiple of `rounded_to` by
    itself, so that a total need not be the sum of what is shown."""

    quarter: str
    first: str
    last: str
    partnership: str
    log_size: int
    suppressed_below: int
    rounded_to: int
    measures: tuple[Tally, ...]
    times: Times
    coverage: tuple[Coverage, ...]
    bodies: tuple[BodyFigures, ...]


def figures(
    asked: Quarter,
    partnership: str,
    log_size: int,
    names: Mapping[str, str],
    counts: Iterable[Count],
    times: Mapping[str, tuple[int, float, float]],
    coverage: Sequence[Coverage],
) -> Figures:
    """The figures of the bodies that `names` names. `times` holds, by body and for all under `ALL`, the count and the
    two times in minutes."""
    gathered: dict[str, Counter[tuple[str, str]]] = {body: Counter() for body in (*names, ALL)}
    for one in counts:
        for row in (one.body, ALL):
            gathered[row][one.measure, one.code] += one.count
    bodies = sorted(names, key=lambda one: (names[one], one))
    return Figures(
        quarter=asked.code,
        first=asked.first,
        last=asked.last,
        partnership=partnership,
        log_size=log_size,
        suppressed_below=SMALLEST,
        rounded_to=STEP,
        measures=_tallies(gathered[ALL]),
        times=_times(times.get(ALL)),
        coverage=tuple(coverage),
        bodies=tuple(
            BodyFigures(body, names[body], _tallies(gathered[body]), _times(times.get(body))) for body in bodies
        ),
    )


def _tallies(counted: Mapping[tuple[str, str], int]) -> tuple[Tally, ...]:
    return tuple(
        Tally(
            code=one.code,
            says=one.says,
            total=shown(sum(counted.get((one.code, code), 0) for code in one.codes)),
            values={code: shown(counted.get((one.code, code), 0)) for code in one.codes},
        )
        for one in MEASURES
    )


def _times(found: tuple[int, float, float] | None) -> Times:
    if found is None:
        return Times(0, None, None)
    count, median, ninth = found
    if shown(count) is None:
        return Times(None, None, None)
    return Times(shown(count), round(median), round(ninth))
