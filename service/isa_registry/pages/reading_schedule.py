"""The schedule of a version, which machines read, in words."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.agreements import Schedule
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.attesting_words import SIGNATORY_ROLES
from isa_registry.pages.reading_words import Words, words_of


class Coverage(Struct, frozen=True):
    """One category's row: for each purpose `usual`, `may` or `no`."""

    label: str
    note: str | None
    cells: tuple[str, ...]


class PurposeShown(Struct, frozen=True):
    label: str
    says: str
    clause: str
    href: str


class ScheduleShown(Struct, frozen=True):
    schedule: Schedule
    purposes: tuple[PurposeShown, ...]
    coverage: tuple[Coverage, ...]
    signatory_roles: tuple[tuple[str, tuple[str, ...]], ...]


def schedule_shown(version: AgreementVersion, view: RegisterView) -> ScheduleShown:
    catalogue = view.catalogue()
    schedule = version.schedule
    return ScheduleShown(
        schedule=schedule,
        purposes=_purposes(schedule, catalogue, words_of(version, view)),
        coverage=_coverage(schedule, catalogue),
        signatory_roles=_roles(schedule, catalogue),
    )


def _purposes(schedule: Schedule, catalogue: Catalogue | None, words: Words) -> tuple[PurposeShown, ...]:
    found = []
    for line in schedule.purposes:
        purpose = None if catalogue is None else catalogue.purposes.get(line.code)
        label, says = (line.code, "") if purpose is None else (purpose.label, purpose.says)
        href = words.address(line.clause) if words.has(line.clause) else words.document
        found.append(PurposeShown(label=label, says=says, clause=line.clause, href=href))
    return tuple(found)


def _coverage(schedule: Schedule, catalogue: Catalogue | None) -> tuple[Coverage, ...]:
    named = dict.fromkeys(code for line in schedule.purposes for code in line.categories)
    rows = []
    for code in named if catalogue is None else [*catalogue.categories, *(named.keys() - catalogue.categories.keys())]:
        category = None if catalogue is None else catalogue.categories.get(code)
        cells = tuple(
            "usual" if code in line.minimum else "may" if code in line.categories else "no"
            for line in schedule.purposes
        )
        label, note = (code, None) if category is None else (category.label, category.note)
        rows.append(Coverage(label=label, note=note, cells=cells))
    return tuple(rows)


def _roles(schedule: Schedule, catalogue: Catalogue | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for code, roles in schedule.signatory_roles.items():
        kind = None if catalogue is None else catalogue.kinds.get(code)
        found.append((code if kind is None else kind.label, tuple(SIGNATORY_ROLES.get(role, role) for role in roles)))
    return tuple(sorted(found))
