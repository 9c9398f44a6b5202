"""Whether the family is told that information is shared, and whether now."""

from __future__ import annotations

from isa_registry.domain.answers import InformAdvice
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.notebook import Finding


def inform(case: Case, finding: Finding) -> InformAdvice:
    """What is expected for the purpose, and whether to tell them now (None: it depends on what is not known)."""
    if case.immediate:
        return case.stock.inform("after", False, "after")
    expected = case.purpose.inform if case.purpose is not None else "unless-unsafe"
    if finding.regime == "none":
        return case.stock.inform(expected, False, "not-personal")
    if expected in ("no", "privacy-notice"):
        return case.stock.inform(expected, False, expected)
    if case.unsafe:
        return case.stock.inform(expected, False, "unsafe")
    if case.parent_suspected and case.circumstances.informing_increases_risk is None:
        return case.stock.inform(expected, None, "parent-suspected")
    if expected == "yes":
        return case.stock.inform(expected, True, _telling("yes", finding))
    if expected == "unless-unsafe" and case.circumstances.informing_increases_risk is False:
        return case.stock.inform(expected, True, _telling("safe", finding))
    return case.stock.inform(expected, None, _telling(expected, finding))


def _telling(code: str, finding: Finding) -> str:
    return code if finding.outcome in SHARING else f"{code}-if-shared"
