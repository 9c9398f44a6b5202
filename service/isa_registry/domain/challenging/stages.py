"""A partnership's stages for managing professional differences: data, in a file beside its agreements.

Read strictly: a member that is not known, a code that is there twice, a stage without a time are faults, and a registry
with a file that has faults does not start.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct

from isa_registry.domain.agreement_text import AgreementError, AgreementFault
from isa_registry.domain.dates import is_date
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.retention import Confidence
from isa_registry.domain.shapes import place_and_fault
from isa_registry.domain.working_days import end_of, working_days_after
from isa_verify.encoding import parse_json_strict
from isa_verify.errors import MalformedError

FILE = "professional-differences.json"
TO_CONFIRM = "To be confirmed by the partnership"
TIME_TO_CONFIRM = "The time allowed is to be confirmed by the partnership"
WORDS_TO_CONFIRM = "What happens here is to be confirmed by the partnership"

_CODE = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MOST_DAYS, _MOST_HOURS, _MOST_STAGES = 60, 720, 10


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class Known(_Part, frozen=True):
    """How sure something is, and where it was read. What is `uncertain` is shown as to be confirmed."""

    confidence: Confidence
    source: str

    @property
    def to_confirm(self) -> bool:
        return self.confidence == "uncertain"


class Allowed(_Part, frozen=True):
    """The time that a stage is allowed: working days in England, after the day on which it began; or hours by the
    clock, nights and weekends too. One of the two."""

    known: Known
    working_days: int | None = None
    hours: int | None = None

    @property
    def words(self) -> str:
        count = self.working_days if self.hours is None else self.hours
        unit = "working day" if self.hours is None else "hour"
        return f"{count} {unit}{'' if count == 1 else 's'}"


class Due(Struct, frozen=True):
    """When a stage's time is over. `day` is the last day that belongs to it, where it is counted in days."""

    at: datetime
    day: date | None


class Stage(_Part, frozen=True):
    """One stage: what it is called, what happens in it, and who takes part, by role codes. Who takes part is advice:
    a step by somebody else is recorded all the same."""

    code: str
    label: str
    says: str
    takes_part: tuple[str, ...]
    known: Known
    allowed: Allowed

    @property
    def to_confirm(self) -> str | None:
        """What the partnership has yet to say: what the stage is, how long it may take, or both; None where it has."""
        match self.known.to_confirm, self.allowed.known.to_confirm:
            case True, True:
                return TO_CONFIRM
            case False, True:
                return TIME_TO_CONFIRM
            case True, False:
                return WORDS_TO_CONFIRM
        return None

    def due(self, since: datetime, days_off: Container[str] = ()) -> Due:
        """When the time is over of a stage that began at a moment."""
        if self.allowed.hours is not None:
            return Due(since + timedelta(hours=self.allowed.hours), None)
        assert self.allowed.working_days is not None
        last = working_days_after(since, self.allowed.working_days, days_off)
        return Due(end_of(last), last)


class Stages(_Part, frozen=True):
    """A partnership's stages, from the first to the last. `days_off` are bank holidays proclaimed for one year alone;
    `not_for` says which disputes have a process of their own."""

    partnership: str
    title: str
    source: str
    not_for: tuple[str, ...]
    stages: tuple[Stage, ...]
    days_off: tuple[str, ...] = ()

    def stage(self, code: str) -> Stage | None:
        """The stage of this code; None for one that the partnership has no longer."""
        return next((one for one in self.stages if one.code == code), None)

    @property
    def first(self) -> Stage:
        return self.stages[0]

    def after(self, code: str) -> Stage | None:
        """The next stage. After a code that is no stage any longer comes the first, so that nothing is stuck."""
        codes = [one.code for one in self.stages]
        place = codes.index(code) + 1 if code in codes else 0
        return self.stages[place] if place < len(codes) else None

    def last(self, code: str) -> bool:
        return self.after(code) is None

    def due(self, code: str, since: datetime) -> Due | None:
        """When the time of a stage that began at a moment is over; None for a code that is no stage any longer."""
        stage = self.stage(code)
        return None if stage is None else stage.due(since, self.days_off)


class Differences(Struct, frozen=True):
    """The stages of every partnership that has said what they are, by the partnership's code."""

    partnerships: Mapping[str, Stages]

    def of(self, partnership: str) -> Stages:
        """A partnership's stages. Raises `Refused` (`unprocessable`) where it has none."""
        found = self.partnerships.get(partnership)
        if found is None:
            detail = (
                "This registry does not know the partnership's stages for professional differences. Take it to the "
                "other body's managers, and record that in your own system."
            )
            raise Refused("unprocessable", detail, (Fault("#/partnership", "no-stages", detail),))
        return found


NO_STAGES = Differences({})


def read_differences(files: Iterable[bytes]) -> Differences:
    """The stages in these files; a later one of the same partnership takes the place of an earlier. Raises
    `AgreementError`."""
    return Differences({stages.partnership: stages for stages in map(read_stages, files)})


def read_stages(data: bytes) -> Stages:
    """The stages in a file. Raises `AgreementError` naming, by JSON pointer, every fault."""
    try:
        value = parse_json_strict(data)
        stages = msgspec.convert(value, Stages)
    except MalformedError as error:
        raise AgreementError(AgreementFault(FILE, "#", str(error))) from None
    except msgspec.ValidationError as error:
        place, what = place_and_fault(error)
        raise AgreementError(AgreementFault(FILE, f"#{place}", what)) from None
    faults = [AgreementFault(FILE, f"#{at}", what) for at, what in _faults(stages)]
    if faults:
        raise AgreementError(*faults)
    return stages


def _faults(stages: Stages) -> Iterator[tuple[str, str]]:
    if not _CODE.fullmatch(stages.partnership):
        yield "/partnership", "not a kebab-case code"
    for member in ("title", "source"):
        if not getattr(stages, member).strip():
            yield f"/{member}", "there are no words here"
    if not 1 <= len(stages.stages) <= _MOST_STAGES:
        yield "/stages", f"expected 1 to {_MOST_STAGES} stages"
    yield from _once("/stages", [stage.code for stage in stages.stages])
    for i, stage in enumerate(stages.stages):
        yield from _stage_faults(f"/stages/{i}", stage)
    for i, day in enumerate(stages.days_off):
        if not is_date(day):
            yield f"/days_off/{i}", "expected a date, YYYY-MM-DD"


def _stage_faults(at: str, stage: Stage) -> Iterator[tuple[str, str]]:
    for member in ("label", "says"):
        if not getattr(stage, member).strip():
            yield f"{at}/{member}", "there are no words here"
    for place, known in ((f"{at}/known", stage.known), (f"{at}/allowed/known", stage.allowed.known)):
        if not known.source.strip():
            yield f"{place}/source", "say where this was read, or that it was not"
    if not stage.takes_part:
        yield f"{at}/takes_part", "somebody takes part in a stage"
    yield from _once(f"{at}/takes_part", stage.takes_part)
    days, hours = stage.allowed.working_days, stage.allowed.hours
    if (days is None) == (hours is None):
        yield f"{at}/allowed", "expected either working_days or hours"
    if days is not None and not 1 <= days <= _MOST_DAYS:
        yield f"{at}/allowed/working_days", f"expected 1 to {_MOST_DAYS}"
    if hours is not None and not 1 <= hours <= _MOST_HOURS:
        yield f"{at}/allowed/hours", f"expected 1 to {_MOST_HOURS}"


def _once(at: str, codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for i, code in enumerate(codes):
        if not _CODE.fullmatch(code):
            yield f"{at}/{i}", "not a kebab-case code"
        if code in codes[:i]:
            yield f"{at}/{i}", f"{code} is here twice"
