"""Law watch over what is recorded: which answers rest on a provision, found by what their records name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from typing import NamedTuple

from msgspec import Struct

from isa_registry.domain.law_watch.resting import named_in_check
from isa_registry.runtime.registry import Registry
from isa_registry.store.law_watch import CheckNaming, checks_naming, newest_checks_naming
from isa_registry.store.pool import EVERYTHING, Connection, DatabaseError, reading_for

FIRST_TOLD = 20
"""So many checks of a provision are kept by their ids, however many there are; `each` is told all of them."""


class Wanted(NamedTuple):
    """Answers that rest on a provision and were recorded before an entry of the log."""

    provision: str
    before: int


class Answers(Struct, frozen=True):
    """The recorded answers that rest on a provision: how many, of which bodies how many, and the first by their ids."""

    count: int = 0
    by_organisation: dict[str, int] = {}
    checks: tuple[str, ...] = ()


class AnswerNaming(Struct, frozen=True):
    """A recorded answer, whose it is, and the provisions looked for that it rests on."""

    index: int
    check: str
    organisation: str
    provisions: tuple[str, ...]


async def answers_resting(
    connection: Connection,
    wanted: Collection[Wanted],
    *,
    each: Callable[[AnswerNaming], None] = lambda _: None,
    shown: Callable[[int], None] = lambda _: None,
) -> dict[Wanted, Answers]:
    """The answers that rest on each provision. Each is told to `each` in the order of the log, `shown` how far the log
    was read. No more than a page is held at a time."""
    listed = sorted(wanted)
    totals: defaultdict[Wanted, Counter[str]] = defaultdict(Counter)
    first: defaultdict[Wanted, list[str]] = defaultdict(list)
    names = [named_in_check(one.provision) for one in listed]
    async for page in checks_naming(connection, names, 0, max((one.before for one in listed), default=0)):
        for check in page:
            named = _named(check, listed)
            if named:
                codes = tuple(dict.fromkeys(one.provision for one in named))
                each(AnswerNaming(check.index, check.check, check.organisation, codes))
            for one in named:
                totals[one][check.organisation] += 1
                if len(first[one]) < FIRST_TOLD:
                    first[one].append(check.check)
        shown(page[-1].index)
    return {one: Answers(totals[one].total(), dict(sorted(totals[one].items())), tuple(first[one])) for one in listed}


def _named(check: CheckNaming, listed: list[Wanted]) -> list[Wanted]:
    return [listed[place] for place in check.places if check.index < listed[place].before]


LOOKED_THROUGH = 10_000
"""A page looks through so many of the newest answers, and the command through all of them."""


class Lately(NamedTuple):
    """How many of the newest answers rest on a provision, of how many that were looked through."""

    resting: int
    looked_through: int


async def answers_lately(registry: Registry, provision: str) -> Lately | None:
    """None where it cannot be known at this moment: the database is away, or too busy."""
    try:
        async with reading_for(registry.reading, EVERYTHING) as connection:
            found = await newest_checks_naming(connection, named_in_check(provision), newest=LOOKED_THROUGH)
    except (TimeoutError, *DatabaseError):
        return None
    return Lately(resting=found[1], looked_through=found[0])
