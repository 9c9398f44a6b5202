"""A whole version on paper: the words as they were signed, with every annex, and what tells which version it is."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.agreements import version_address
from isa_registry.pages.reading_attestations import AttestationShown, attestations_shown
from isa_registry.pages.reading_schedule import ScheduleShown, schedule_shown
from isa_registry.pages.reading_words import words_of
from isa_registry.pages.words import ClauseShown, clauses_shown


class PrintShown(Struct, frozen=True):
    """Everything on the paper; `titles` are those of the provisions, by code. `address` is where it is read, and `on`
    the day on which what it says of its standing was so."""

    on: str
    address: str
    clauses: tuple[ClauseShown, ...]
    titles: dict[str, str]
    schedule: ScheduleShown
    attestations: tuple[AttestationShown, ...]


def print_shown(version: AgreementVersion, view: RegisterView, today: str, public_url: str) -> PrintShown:
    return PrintShown(
        on=today,
        address=public_url + version_address(version),
        clauses=clauses_shown(version.text),
        titles={code: one.title for code, one in words_of(version, view).cited.items()},
        schedule=schedule_shown(version, view),
        attestations=attestations_shown(version, view),
    )
