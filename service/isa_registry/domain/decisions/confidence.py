"""What an answer says of law that it rests on and nobody has checked yet: once, calmly, and never what it decides."""

from __future__ import annotations

from isa_registry.domain.answers import Basis, Guidance
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.notebook import Finding
from isa_registry.domain.guidance import Occasion


def not_yet_checked(case: Case, finding: Finding, basis: Basis) -> tuple[Guidance, ...]:
    """One item of guidance where the basis of an answer, its duty, or the row that they were taken from is not verified
    by a person; it cites the provisions that are not. Nothing where an answer rests on no law, or on what is checked.
    """
    duty = () if finding.duty_code is None else (finding.duty_code,)
    codes = (*basis.article_6, *basis.article_9, *basis.article_10, *basis.part_3, *basis.gateways, *duty)
    if not codes:
        return ()
    row = None if case.row is None else f"{case.row.organisation} {case.row.purpose}"
    key = ("not-yet-checked", case.catalogue.sha256, row, *codes)
    return case.view.memory.recall(key, lambda: _worked_out(case.catalogue, row, codes))


def _worked_out(catalogue: Catalogue, row: str | None, codes: tuple[str, ...]) -> tuple[Guidance, ...]:
    relied = dict.fromkeys(codes)
    unchecked = tuple(code for code in relied if not catalogue.provisions[code].verified)
    row_open = row is not None and row not in catalogue.verified_rows
    if not unchecked and not row_open:
        return ()
    when: Occasion = "law-not-yet-checked" if unchecked else "choice-not-yet-checked"
    checked = str(len(relied) - len(unchecked))
    return tuple(
        Guidance(
            code=item.code,
            title=item.title,
            text=item.text.format(checked=checked, points=len(relied)),
            cites=unchecked,
        )
        for item in catalogue.guidance.values()
        if item.when == when
    )
