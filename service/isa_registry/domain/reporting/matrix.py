"""The attestation matrix: every body beside every version that is open or in force, and where it stands on a day.

Days are YYYY-MM-DD, Europe/London. What follows from the register alone is worked out once between two of its changes;
how far bodies have come with an invitation is working state, and is laid over it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, get_args

from msgspec import Struct
from msgspec.structs import replace

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.register.attestation_states import (
    Standing,
    State,
    has_ended,
    is_superseded,
    standing,
)
from isa_registry.domain.register.facts import AgreementVersion, Organisation
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of

ORDER: tuple[State, ...] = (
    "queried", "viewed", "invited", "asked", "stale", "declined", "withdrawn", "lapsed", "turned-down", "none",
    "by-parent", "re-attested", "attested",
)  # fmt: skip
"""The states, what waits for somebody first: the order in which `state` sorts."""

Sort = Literal["name", "-name", "organisation", "-organisation", "kind", "-kind", "state", "-state", "since", "-since"]
SORTS: tuple[Sort, ...] = get_args(Sort)

_OPEN_STATES = frozenset({"none", "asked", "turned-down", "invited", "viewed", "queried"})
_RANK = {state: rank for rank, state in enumerate(ORDER)}


class Cell(Struct, frozen=True, omit_defaults=True):
    """Where a body stands towards a version.

    `counts`: the register takes it for a signatory of the version today. `since` is the day of what made the state.
    `attested_version`, where it is stale: the version that it attested. `through` is the parent whose attestation it
    is. `reason` is why it declined or withdrew, a code, for itself and whoever oversees it.
    """

    state: State
    counts: bool = False
    since: str | None = None
    attested_version: str | None = None
    through: str | None = None
    signatory_role: str | None = None
    reservations: tuple[str, ...] = ()
    attestation: str | None = None
    entry: int | None = None
    reason: str | None = None


class Column(Struct, frozen=True):
    """A version that is `open` for attestation, `in-force`, or `suspended`."""

    agreement: str
    version: str
    title: str
    tier: int
    standing: Literal["open", "in-force", "suspended"]
    partnership: str


class Row(Struct, frozen=True):
    """A body, and its cells in the order of the columns."""

    organisation: str
    name: str
    kind: str
    parent: str | None
    partnerships: tuple[str, ...]
    cells: tuple[Cell, ...]


class Matrix(Struct, frozen=True):
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


class Narrowing(Struct, frozen=True):
    """Which part of a matrix is asked for, and in which order. What is None narrows nothing."""

    partnership: str | None = None
    agreement: str | None = None
    kind: str | None = None
    state: State | None = None
    sort: Sort = "name"


Invited = Mapping[tuple[str, str, str], tuple[str, str]]
"""For an agreement, a version and a body: the state of its invitation, and the day on which it came to it."""


def matrix(view: RegisterView, today: str) -> Matrix:
    """Every body beside every version that is open or in force, by name, from the register alone."""
    return view.memory.recall(("attestation-matrix", today), lambda: _matrix(view, today))


def _matrix(view: RegisterView, today: str) -> Matrix:
    versions = [one for one in view.agreement_versions() if _shown(view, one, today)]
    versions.sort(key=lambda one: (one.tier, one.agreement, one.published_at, one.version))
    before = [_before(view, one, today) for one in versions]
    rows = [
        Row(
            organisation=body.organisation,
            name=body.name,
            kind=body.organisation_kind,
            parent=body.parent,
            partnerships=partnerships_of(view, body),
            cells=tuple(
                _cell(view, version, earlier, body, today) for version, earlier in zip(versions, before, strict=True)
            ),
        )
        for body in view.organisations()
    ]
    return Matrix(tuple(_column(view, one, today) for one in versions), tuple(rows))


def _shown(view: RegisterView, version: AgreementVersion, today: str) -> bool:
    begun = version.opened is not None or version.in_force_on is not None
    return begun and not has_ended(version, today) and not is_superseded(view, version, today)


def _before(view: RegisterView, version: AgreementVersion, today: str) -> list[AgreementVersion]:
    """The earlier versions that have given way to this one, the newest first."""
    if not version.in_force(today):
        return []
    others = reversed(view.agreement_versions(version.agreement))
    return [one for one in others if one.version != version.version and is_superseded(view, one, today)]


def _column(view: RegisterView, version: AgreementVersion, today: str) -> Column:
    opened = view.opened()
    suspended = any(one.covers(today) for one in version.suspensions)
    return Column(
        agreement=version.agreement,
        version=version.version,
        title=version.title,
        tier=version.tier,
        standing="suspended" if suspended else "in-force" if version.in_force(today) else "open",
        partnership=version.partnership or ("" if opened is None else opened.partnership),
    )


def _cell(
    view: RegisterView,
    version: AgreementVersion,
    before: Sequence[AgreementVersion],
    body: Organisation,
    today: str,
) -> Cell:
    found = standing(view, version, body.organisation, today)
    if found.state in _OPEN_STATES:
        for earlier in before:
            signed = view.signature(earlier.agreement, earlier.version, body.organisation, today)
            if signed is not None:
                through = None if signed.organisation == body.organisation else signed.organisation
                then = Standing(body.organisation, "stale", attestation=signed, through=through)
                return replace(_told(then), attested_version=earlier.version)
    return _told(found)


def _told(found: Standing) -> Cell:
    if found.declined is not None:
        return Cell(state=found.state, entry=found.declined.entry, reason=found.declined.said.reason)
    one = found.attestation
    if one is None:
        return Cell(state=found.state)
    withdrawn = found.state == "withdrawn"
    return Cell(
        state=found.state,
        counts=found.counts,
        since=one.withdrawn_on if withdrawn else london_date(parse_instant(one.attested_at)),
        through=found.through,
        signatory_role=one.signatory_role,
        reservations=one.reservations,
        attestation=one.attestation,
        entry=one.entry,
        reason=one.withdrawal_reason if withdrawn else None,
    )


def with_invitations(found: Matrix, invited: Invited) -> Matrix:
    """The same with how far bodies have come that have neither attested nor declined."""
    if not invited:
        return found
    columns = [(one.agreement, one.version) for one in found.columns]
    bodies = {organisation for _, _, organisation in invited}
    rows = tuple(_invited(row, columns, invited) if row.organisation in bodies else row for row in found.rows)
    return Matrix(found.columns, rows)


def _invited(row: Row, columns: Sequence[tuple[str, str]], invited: Invited) -> Row:
    cells = []
    for cell, (agreement, version) in zip(row.cells, columns, strict=True):
        state, since = invited.get((agreement, version, row.organisation), (None, None))
        for known in ORDER:
            # A party is invited, whether or not it had asked to join; what is attested or declined is the last word.
            weaker = cell.state == "invited" and state in ("asked", "turned-down")
            if known == state and cell.state in _OPEN_STATES and not weaker:
                cell = Cell(state=known, since=since)
        cells.append(cell)
    return replace(row, cells=tuple(cells))


def without_reasons(found: Matrix, whole: Callable[[Row], bool]) -> Matrix:
    """The same without the reasons of bodies that the reader is not to see the whole of."""
    rows = (
        row
        if whole(row)
        else replace(row, cells=tuple(replace(one, reason=None) if one.reason else one for one in row.cells))
        for row in found.rows
    )
    return Matrix(found.columns, tuple(rows))


def narrowed(found: Matrix, by: Narrowing) -> Matrix:
    """The part that is asked for, in the order that is asked for: the versions of an agreement or a partnership, the
    bodies of a partnership or a kind, and of them those that have a cell in the state."""
    places = [
        place
        for place, one in enumerate(found.columns)
        if by.agreement in (None, one.agreement) and by.partnership in (None, one.partnership)
    ]
    rows = [
        row if len(places) == len(found.columns) else replace(row, cells=tuple(row.cells[place] for place in places))
        for row in found.rows
        if by.kind in (None, row.kind) and (by.partnership is None or by.partnership in row.partnerships)
    ]
    if by.state is not None:
        rows = [row for row in rows if any(one.state == by.state for one in row.cells)]
    return Matrix(tuple(found.columns[place] for place in places), tuple(_sorted(rows, by.sort)))


def _sorted(rows: Iterable[Row], sort: Sort) -> list[Row]:
    name, backwards = sort.removeprefix("-"), sort.startswith("-")
    by_name = sorted(rows, key=lambda row: (row.name.casefold(), row.organisation), reverse=backwards)
    keys: dict[str, Callable[[Row], object]] = {
        "name": lambda row: 0,
        "organisation": lambda row: row.organisation,
        "kind": lambda row: row.kind,
        "state": lambda row: sorted(_RANK[one.state] for one in row.cells),
        "since": lambda row: max((one.since or "" for one in row.cells), default=""),
    }
    return by_name if name == "name" else sorted(by_name, key=keys[name], reverse=backwards)  # type: ignore[arg-type]


def counted(found: Matrix) -> dict[str, int]:
    """How many cells are in each state, in the order of `ORDER`; states that nobody is in are left out."""
    counts = Counter(one.state for row in found.rows for one in row.cells)
    return {state: counts[state] for state in ORDER if counts[state]}
