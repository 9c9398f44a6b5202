"""Answering recorded questions again, and saying exactly what came out otherwise."""

from isa_registry.domain.replaying.difference import Difference, differences
from isa_registry.domain.replaying.engines import ENGINES, Engines
from isa_registry.domain.replaying.lacking import Lacking, erased_by
from isa_registry.domain.replaying.replaying import (
    EXPLAINING,
    VERDICTS,
    Again,
    Replayed,
    Today,
    Verdict,
    against_today,
    as_shown,
    impossible,
    lacks,
    replay,
    untrue,
)

__all__ = [
    "ENGINES", "EXPLAINING", "VERDICTS", "Again", "Difference", "Engines", "Lacking", "Replayed", "Today", "Verdict",
    "against_today", "as_shown", "differences", "erased_by", "impossible", "lacks", "replay", "untrue",
]  # fmt: skip
