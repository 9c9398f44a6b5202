"""What has been answered so far about a consent that is being recorded.

Codes travel in the address from page to page, so that going back or signing in again loses none of them. References,
and the days that would tell an age, travel in forms alone: no address ever holds one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from msgspec import Struct

from isa_registry.domain.dates import LONDON, instant
from isa_registry.domain.questions import Question, RecipientKind

_MOST = 60
"""Codes in one list: more than a catalogue has of any."""

LISTS = ("purposes", "recipients", "categories")
MOST_RECIPIENTS = 30
RECIPIENTS = tuple(f"recipient_{place}" for place in range(2, MOST_RECIPIENTS + 1))
"""The fields of a form for recipients after the first one."""

CODED = {
    "role": "need", "purposes": "purpose", "recipients": "recipient", "categories": "category", "kind": "subject",
    "by": "by", "shown_by": "shown", "childs_view": "view", "answer": "answer", "explicit": "explicit",
    "method": "method", "language": "language", "day": "day", "time": "time", "staff_role": "staff_role",
}  # fmt: skip
"""Each answer that an address may hold, with its name there. Those of a question are called as in Ask, so that an
answer leads here with them filled in."""

PRIVATE = {
    "statement": "statement", "statement_version": "statement_version", "other_language": "other_language",
    "subject": "subject_ref", "evidence": "evidence", "standing_evidence": "standing_evidence", "staff": "staff",
    "review_on": "review", "age_transition_on": "transition",
}  # fmt: skip
"""Those that only a form holds: whatever somebody typed, and what points at a person or a case."""


class Answers(Struct, frozen=True):
    """An answer that is not given yet is empty. `answer` is `given` or `refused`; `day` and `time` are London's."""

    role: str = ""
    purposes: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    kind: str = ""
    by: str = ""
    shown_by: str = ""
    childs_view: str = ""
    answer: str = ""
    explicit: str = ""
    method: str = ""
    language: str = ""
    day: str = ""
    time: str = ""
    staff_role: str = ""
    statement: str = ""
    statement_version: str = ""
    other_language: str = ""
    subject: str = ""
    evidence: str = ""
    standing_evidence: str = ""
    staff: str = ""
    review_on: str = ""
    age_transition_on: str = ""

    def fields(self, *without: str) -> list[tuple[str, str]]:
        """Every answer that is given, as hidden fields hold them, less those of these members."""
        return self._pairs({**CODED, **PRIVATE}, without)

    def address(self, path: str, **more: str) -> str:
        """An address with every answer that an address may hold."""
        return f"{path}?{urlencode([*more.items(), *self._pairs(CODED, ())], safe=',:')}"

    def coded_fields(self, *without: str) -> list[tuple[str, str]]:
        return self._pairs(CODED, without)

    @property
    def private(self) -> bool:
        """Whether anything is answered that no address may hold."""
        return any(getattr(self, member) for member in PRIVATE)

    @property
    def shown_in(self) -> str:
        """The language in which the statement was shown (BCP 47)."""
        return self.other_language if self.language == OTHER else self.language

    def recipients_named(self) -> tuple[str | RecipientKind, ...]:
        return tuple(
            RecipientKind(one.removeprefix("kind:")) if one.startswith("kind:") else one for one in self.recipients
        )

    def _pairs(self, names: Mapping[str, str], without: Sequence[str]) -> list[tuple[str, str]]:
        found = []
        for member, name in names.items():
            value = getattr(self, member)
            text = ",".join(value) if isinstance(value, tuple) else value
            if text and member not in without:
                found.append((name, text))
        return found


def after_a_question(question: Question, role: str) -> Answers:
    """What an answer to a question has said already of the consent that it needs."""
    kinds = {one.kind for one in question.subjects}
    recipient = question.recipient
    return Answers(
        role=role,
        purposes=(question.purpose,),
        recipients=(f"kind:{recipient.kind}" if isinstance(recipient, RecipientKind) else recipient,),
        categories=question.categories,
        kind=next(iter(kinds)) if len(kinds) == 1 else "",
    )


_MINUTE = len("2026-09-30T14:05")
OTHER = "other"
"""What a form sends for a language that its list has not."""


def answers_in(sent: Mapping[str, Sequence[str]], *, private: bool) -> Answers:
    """The answers of an address, or with `private` of a form; what is not among them is passed over, and so is what no
    address may hold where it stands in one."""
    found: dict[str, str | tuple[str, ...]] = {}
    for member, name in ({**CODED, **PRIVATE} if private else CODED).items():
        values = sent.get(name, ())
        if member in LISTS:
            values = (*values, *(one for field in RECIPIENTS if member == "recipients" for one in sent.get(field, ())))
            codes = dict.fromkeys(code for value in values for code in value.split(",") if code)
            found[member] = tuple(codes)[:_MOST]
        elif values and values[0].strip():
            found[member] = values[0].strip()
    return Answers(**found)  # type: ignore[arg-type]  # tuples for lists, str for the rest


def moment_of(day: str, time: str, *, after: str | None = None) -> str | None:
    """A day and a time of day in London as an RFC 3339 UTC time, or None for what is none. In the very minute of
    `after` it is that: a form knows no seconds, and nothing is said before what it follows."""
    try:
        local = datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M").replace(tzinfo=LONDON)
        found = instant(local.astimezone(UTC))
    except (ValueError, OverflowError):
        return None
    return after if after is not None and found[:_MINUTE] == after[:_MINUTE] else found


def now_in_london(now: datetime) -> tuple[str, str]:
    """The day and the time of day that it is in London."""
    local = now.astimezone(LONDON)
    return local.date().isoformat(), f"{local:%H:%M}"
