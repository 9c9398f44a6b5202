"""What keeps a proposal the word of whom it names: a mark over each word, under a key that the database never holds.

Whoever can write the working tables could otherwise propose or approve in another's name, and then be the second person
themselves. The key is derived, for this use alone, from the secret behind sessions (HMAC-SHA-256).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from isa_registry.identity.sealing import SessionKeys
from isa_registry.store.proposals import Proposal
from isa_verify.encoding import JsonValue, canonical_json

_PROPOSED, _APPROVED = "proposal", "proposal-approved"


class ProposalMarks:
    """Marks what is said in the log `origin`. Without `keys` nothing is marked, and every row counts as it stands."""

    def __init__(self, keys: SessionKeys | None, origin: str) -> None:
        self._keys = keys
        self._origin = origin

    def proposed(self, proposal: Proposal) -> str | None:
        """The mark of an open proposal: what, about whom, by whom, and for how long."""
        return None if self._keys is None else self._keys.mark(_PROPOSED, self._word(proposal))

    def approved(self, proposal: Proposal, *, person: int, at: datetime, size: int) -> str | None:
        """The mark of the second person's word for exactly that."""
        if self._keys is None:
            return None
        return self._keys.mark(_APPROVED, self._word(proposal, person, at, size))

    def are_ours(self, row: Proposal) -> bool:
        """Whether whoever a row names said what it says. Of one that is decided nothing is left to be asked."""
        if self._keys is None or row.change is None:
            return True
        if not self._keys.is_mark(_PROPOSED, self._word(row), row.proposed_mark or ""):
            return False
        if row.approved_by is None or row.approved_at is None or row.approved_size is None:
            return True
        word = self._word(row, row.approved_by, row.approved_at, row.approved_size)
        return self._keys.is_mark(_APPROVED, word, row.approved_mark or "")

    def _word(self, row: Proposal, *approved: int | datetime) -> bytes:
        # Of the change itself, not of the hash beside it.
        said: list[JsonValue] = [
            self._origin,
            row.id,
            row.organisation,
            hashlib.sha256(row.change or b"").hexdigest(),
            row.proposed_by,
            _moment(row.proposed_at),
            _moment(row.expires_at),
            *(_moment(one) if isinstance(one, datetime) else one for one in approved),
        ]
        return canonical_json(said)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
