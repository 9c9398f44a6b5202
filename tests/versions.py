"""A next version of a shipped agreement, as files; and decisions about versions, held as the sequencer holds them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from demonstration import Demonstration
from isa_registry.data import data_directory
from isa_registry.domain.agreement_entries import AttestationWithdrawn
from isa_registry.domain.entries import RegisterPayload
from isa_registry.domain.register.lives import refuse_untimely
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

AT = "2026-11-27T09:00:00.000Z"
TODAY = "2026-11-27"
TIER_1, TIER_2 = "tier-1", "tier-2-hoth"

LITTLE_WORDS = """# A little agreement

Agreement `little-agreement`, version `1.0`.

## 1 What it is for {#1}

It is for pages that are looked at in a browser.

### 1.1 Whom it is for {#1.1}

It is for everybody.
"""
LITTLE_SCHEDULE: dict[str, Any] = {
    "agreement": "little-agreement",
    "version": "1.0",
    "title": "A little agreement",
    "tier": 1,
    "effective_from": "2027-01-01",
    "review_due": "2028-01-01",
    "purposes": [{"code": "early-help", "clause": "1", "categories": ["identity"]}],
    "signatory_roles": {},
    "contacts": [],
    "retention": [],
}


def words_of(agreement: str = TIER_2, version: str = "1.1") -> bytes:
    """The words of version 1.0 under another number, with a sentence more."""
    text = (data_directory("agreements") / "durham" / agreement / "1.0" / "agreement.md").read_text(encoding="utf-8")
    before = f"Agreement `{agreement}`, version `1.0`."
    assert before in text
    return text.replace(before, f"Agreement `{agreement}`, version `{version}`.").encode()


def schedule_of(
    agreement: str = TIER_2, version: str = "1.1", change: Callable[[dict[str, Any]], None] = lambda schedule: None
) -> bytes:
    """The schedule of version 1.0 under another number, changed."""
    path = data_directory("agreements") / "durham" / agreement / "1.0" / "schedule.json"
    schedule = json.loads(path.read_bytes())
    schedule["version"] = version
    change(schedule)
    return json.dumps(schedule).encode()


class Kept(Demonstration):
    """The demonstration's register, to which a draft is added only if it holds at the tail."""

    @property
    def now(self) -> RegisterView:
        return self.view()

    def withdraws_from(self, version: str, organisation: str, on: str) -> None:
        """A body leaves a version of the Tier 2 agreement."""
        self.then(
            AttestationWithdrawn(
                attestation=f"att-{organisation}-{TIER_2}-{version}",
                agreement=TIER_2,
                version=version,
                organisation=organisation,
                on=on,
                reason="other",
            )
        )

    def append(self, draft: Draft, at: str = AT) -> tuple[RegisterPayload, ...]:
        for holds in draft.preconditions:
            holds(self.now, at)
        for payload in draft.payloads:
            refuse_untimely(self.now, payload)
            self.then(payload)
        return draft.payloads  # type: ignore[return-value]
