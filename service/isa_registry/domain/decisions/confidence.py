"""What an answer says of law that it names and nobody has checked yet: once, calmly, and never what it decides."""

from __future__ import annotations

from collections.abc import Sequence

from isa_registry.domain.answers import Basis, Guidance, Reason
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.guidance import Occasion

_KEPT = 256


class Rests:
    """What answers rest on: the basis, and the duty that is engaged. `said` has what was said of such answers, by what
    their reasons cite."""

    __slots__ = ("basis", "codes", "said")

    def __init__(self, basis: Basis, duty: str | None) -> None:
        self.basis = basis
        engaged = () if duty is None else (duty,)
        points = (*basis.article_6, *basis.article_9, *basis.article_10, *basis.part_3)
        self.codes = (*points, *basis.gateways, *engaged)
        self.said: dict[tuple[tuple[str, ...], ...], tuple[Guidance, ...]] = {}


def not_yet_checked(case: Case, rests: Rests, reasons: Sequence[Reason]) -> tuple[Guidance, ...]:
    """One item of guidance where a provision that the answer rests on or gives as a reason, or the row that chose them,
    is not verified by a person; it cites the provisions that are not. Nothing where an answer names no law, or only
    what is checked."""
    cited = tuple([reason.cites for reason in reasons])
    found = rests.said.get(cited)
    if found is None:
        if len(rests.said) >= _KEPT:
            rests.said.clear()
        provisions = case.catalogue.provisions
        codes = (*rests.codes, *(cite for cites in cited for cite in cites if cite in provisions))
        row = f"{case.row.organisation} {case.row.purpose}" if case.row is not None and rests.codes else None
        found = rests.said[cited] = _worked_out(case.catalogue, row, codes)
    return found


def _worked_out(catalogue: Catalogue, row: str | None, codes: tuple[str, ...]) -> tuple[Guidance, ...]:
    named = dict.fromkeys(codes)
    unchecked = tuple(code for code in named if not catalogue.provisions[code].verified)
    row_open = row is not None and row not in catalogue.verified_rows
    if not unchecked and not row_open:
        return ()
    when: Occasion = "law-not-yet-checked" if unchecked else "choice-not-yet-checked"
    checked = str(len(named) - len(unchecked))
    return tuple(
        Guidance(
            code=item.code,
            title=item.title,
            text=item.text.format(checked=checked, points=len(named)),
            cites=unchecked,
        )
        for item in catalogue.guidance.values()
        if item.when == when
    )
