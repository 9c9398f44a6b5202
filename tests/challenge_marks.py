"""Challenges for tests, as the index has them."""

from __future__ import annotations

from datetime import datetime
from itertools import count
from pathlib import Path

from isa_registry.data import data_directory
from isa_registry.domain.challenging.life import Mark
from isa_registry.domain.challenging.stages import FILE, Stages, read_stages

SHIPPED: Path = data_directory("agreements") / "durham" / FILE
STAGES: Stages = read_stages(SHIPPED.read_bytes())
RAISER, CHALLENGED = "durham-county-council", "durham-constabulary"

_numbers = count(1)


def raised(at: str, *, challenge: str = "chl_1", ground: str = "not-shared", stage: str = "stage-one") -> Mark:
    return _mark(at, challenge, RAISER, "raised", ground, stage, partnership="durham")


def moved(at: str, step: str, *, challenge: str = "chl_1", by: str = CHALLENGED, stage: str = "stage-one") -> Mark:
    return _mark(at, challenge, by, "moved", step, stage)


def closed(at: str, outcome: str = "resolved-shared", *, challenge: str = "chl_1", by: str = RAISER) -> Mark:
    return _mark(at, challenge, by, "closed", outcome, None)


def moment(at: str) -> datetime:
    return datetime.fromisoformat(at if "T" in at else f"{at}T12:00:00Z")


def _mark(
    at: str, challenge: str, by: str, event: str, code: str, stage: str | None, *, partnership: str | None = None
) -> Mark:
    assert event in ("raised", "moved", "closed")
    return Mark(
        index=next(_numbers),
        challenge=challenge,
        organisation=RAISER,
        other=CHALLENGED,
        by_body=by,
        event=event,
        code=code,
        stage=stage,
        at=moment(at),
        partnership=partnership,
    )
