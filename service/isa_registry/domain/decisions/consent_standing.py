"""Where consent or agreement stands: what was stated, and what is on record."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from isa_registry.domain.questions import ConsentOnRecord, Evidence

REFUSED = frozenset({"refused", "withdrawn"})


class Standing(Struct, frozen=True):
    """`status` is `given`, `refused`, `withdrawn` or None (not on record); `recorded`: our own records say so.
    `given` and `refused` (or withdrawn) follow from it."""

    status: str | None
    recorded: bool
    given: bool = False
    refused: bool = False

    def __post_init__(self) -> None:
        force_setattr(self, "given", self.status == "given")
        force_setattr(self, "refused", self.status in REFUSED)


UNSOUGHT = Standing(None, recorded=False)
_STATED = {status: Standing(status, recorded=False) for status in ("given", "refused", "withdrawn")}
_RECORDED = {status: Standing(status, recorded=True) for status in ("given", "refused", "withdrawn")}


def stated(status: str | None) -> Standing:
    """How consent stands by what the caller states alone."""
    return UNSOUGHT if status is None else _STATED.get(status, UNSOUGHT)


def standing(said: str | None, evidence: Evidence, role: str, subjects: tuple[int, ...]) -> Standing:
    """How consent of one role stands: what the caller states, and the caller's own records about `subjects`.

    A refusal or withdrawal, stated or as a subject's latest record, beats a "given". Records carry a "given" only
    where each subject has one.
    """
    if not evidence.consents:
        return stated(said)
    latest: dict[int, ConsentOnRecord] = {}
    for record in evidence.consents:
        if record.role == role and record.subject in subjects:
            known = latest.get(record.subject)
            if known is None or known.entry < record.entry:
                latest[record.subject] = record
    if said in REFUSED:
        return stated(said)
    for record in latest.values():
        if record.status in REFUSED:
            return _RECORDED[record.status]
    if subjects and all(subject in latest and latest[subject].status == "given" for subject in subjects):
        return _RECORDED["given"]
    return _STATED["given"] if said == "given" else UNSOUGHT
