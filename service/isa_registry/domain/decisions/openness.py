"""Whether the family is told that information is shared, and whether now."""

from __future__ import annotations

from isa_registry.domain.answers import InformAdvice
from isa_registry.domain.decisions import wording
from isa_registry.domain.decisions.case import Case
from isa_registry.domain.decisions.conditions import SHARING
from isa_registry.domain.decisions.notebook import Finding


def inform(case: Case, finding: Finding) -> InformAdvice:
    """What is expected for the purpose, and whether to tell them now (None: it depends on what is not known)."""
    if case.immediate:
        return InformAdvice("after", False, wording.inform("after", case))
    expected = case.purpose.inform if case.purpose is not None else "unless-unsafe"
    if finding.regime == "none":
        return InformAdvice(expected, False, wording.inform("not-personal", case))
    if expected in ("no", "privacy-notice"):
        return InformAdvice(expected, False, wording.inform(expected, case))
    if case.unsafe:
        return InformAdvice(expected, False, wording.inform("unsafe", case))
    if case.parent_suspected and case.circumstances.informing_increases_risk is None:
        return InformAdvice(expected, None, wording.inform("parent-suspected", case))
    if expected == "yes":
        return InformAdvice(expected, True, _telling("yes", case, finding))
    if expected == "unless-unsafe" and case.circumstances.informing_increases_risk is False:
        return InformAdvice(expected, True, _telling("safe", case, finding))
    return InformAdvice(expected, None, _telling(expected, case, finding))


def _telling(code: str, case: Case, finding: Finding) -> str:
    return wording.inform(code if finding.outcome in SHARING else f"{code}-if-shared", case)
