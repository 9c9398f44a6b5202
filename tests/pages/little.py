"""A little agreement of two versions, in which everything happens to a clause that can, and in Welsh too."""

from __future__ import annotations

import json
from functools import cache

from isa_registry.actions import agreement_decisions as decisions
from isa_registry.actions import agreements, companions
from isa_registry.domain.agreement_entries import AgreementInForce, AgreementWithdrawn
from isa_registry.domain.register.register import RegisterView
from versions import LITTLE_SCHEDULE, Kept

AGREEMENT = "little-agreement"
PAGE = f"/agreements/{AGREEMENT}"
ID = f"/id/agreement/{AGREEMENT}"
OLD_IN_FORCE, NEW_IN_FORCE = "2027-01-01", "2027-06-01"

OLD = """# A little agreement

Agreement `little-agreement`, version `1.0`.

## 1 Ships {#1}

### 1.1 Coming in {#1.1}

Ships come in by day.

Answers: When do ships come in?

Rests on: `ca-1989-s47`.

### 1.2 Going out {#1.2}

Ships go out with the tide.

### 1.3 Lamps {#1.3}

A ship has two lamps.

### 1.4 Crews and cargoes {#1.4}

A crew signs. A cargo is weighed.

### 1.5 Figureheads {#1.5}

A figurehead smiles.

### 1.6 Ropes {#1.6}

A rope holds.

### 1.7 Knots {#1.7}

A knot holds too.
"""
NEW = """# A little agreement

Agreement `little-agreement`, version `1.1`.

## 1 Ships {#1}

### 1.1 Coming in {#1.1}

Ships come in by day or night.

Answers: When do ships come in?

Rests on: `ca-1989-s47`.

### 1.2 Going out {#1.2}

Ships go out with the tide.

### 1.8 Lamps {#1.8}

A ship has two lamps.

### 1.9 Crews {#1.9}

A crew signs.

### 1.10 Cargoes {#1.10}

A cargo is weighed.

### 1.11 Ropes and knots {#1.11}

A rope holds. A knot holds too.

### 1.12 Bells {#1.12}

A bell rings.
"""
HEIRS = {"1.3": ["1.8"], "1.4": ["1.9", "1.10"], "1.5": [], "1.6": ["1.11"], "1.7": ["1.11"]}
WELSH = OLD.replace("# A little agreement", "# Cytundeb bach").replace("come in by day.", "yn dod i mewn liw dydd.")


@cache
def published(*, new: bool = True, in_force: bool = True, withdrawn: bool = False, welsh: bool = True) -> RegisterView:
    """The register with the agreement in it: version 1.0 in force, and 1.1 after it."""
    kept = Kept()
    _publish(kept, OLD, "1.0", {})
    kept.append(decisions.decide_in_force(AgreementInForce(AGREEMENT, "1.0", OLD_IN_FORCE)))
    if welsh:
        kept.append(companions.publish(companions.companion(AGREEMENT, "1.0", "translation", "cy", WELSH)))
    if new:
        _publish(kept, NEW, "1.1", HEIRS)
    if new and in_force:
        kept.append(decisions.decide_in_force(AgreementInForce(AGREEMENT, "1.1", NEW_IN_FORCE)))
    if withdrawn:
        fact = AgreementWithdrawn(AGREEMENT, "1.1", "2027-08-01", "law-changed", "tier-1/1.0")
        kept.append(decisions.withdraw(fact))
        kept.append(decisions.withdraw(AgreementWithdrawn(AGREEMENT, "1.0", "2027-08-01", "replaced")))
    return kept.now


def little() -> RegisterView:
    return published()


def _publish(kept: Kept, text: str, version: str, heirs: dict[str, list[str]]) -> None:
    schedule = {**LITTLE_SCHEDULE, "version": version, **({"heirs": heirs} if heirs else {})}
    loaded = agreements.read_version(text.encode(), json.dumps(schedule).encode(), kept.now)
    kept.append(agreements.publish(loaded.text.encode(), loaded.schedule, loaded.schedule_sha256))
