"""Beginning a log that continues another: everything that it begins with, in one draft."""

from __future__ import annotations

from collections.abc import Sequence, Set

from isa_registry.domain.agreement_entries import AttestationMade
from isa_registry.domain.attestations import read_attestation
from isa_registry.domain.entries import LogContinued, RegistryOpened
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.carrying import FIRST, Carried
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft
from isa_verify.continuation import REASONS


def begin(opened: RegistryOpened, continued: LogContinued, carried: Sequence[Carried], *, made_for: Set[str]) -> Draft:
    """The first entries of a log that continues another, appended together or not at all: a log never stands there
    that lacks part of the register which it was to go on with. `made_for` are the names that an attestation in the old
    log may give as the log that it was made for.

    Preconditions: the log is empty. Refused (`unprocessable`): the same origin, a reason that is none, an attestation
    that was made for a log which is not continued here.
    """
    if continued.old_origin == opened.origin:
        raise Refused("unprocessable", "A log that continues another has an origin of its own.")
    if continued.reason not in REASONS:
        raise Refused("unprocessable", f"The reason is one of {', '.join(sorted(REASONS))}.")
    if [one.index for one in carried] != list(range(FIRST, FIRST + len(carried))):
        raise ValueError("what is carried over has gaps")
    for one in carried:
        if isinstance(one.payload, AttestationMade) and read_attestation(one.payload.jws).registry not in made_for:
            raise Refused(
                "unprocessable",
                f"Entry {one.old.index} of the old log is an attestation that was made for another log than "
                f"{continued.old_origin}. It cannot be carried over.",
            )

    def empty(view: RegisterView, at: str) -> None:
        if view.size != 0:
            raise Refused("conflict", "This log has begun already.")

    return Draft(payloads=(opened, continued, *(one.payload for one in carried)), preconditions=(empty,))
