"""Where consent or agreement stands: what was stated, and what is on record."""

from __future__ import annotations

from typing import NamedTuple

from isa_registry.domain.questions import ConsentOnRecord, Evidence

REFUSED = frozenset({"refused", "withdrawn"})


class Standing(NamedTuple):
    """`status` is `given`, `refused`, `withdrawn` or None (not on record); `recorded`: our own records say so."""

    status: str | None
    recorded: bool

    @property
    def given(self) -> bool:
        return self.status == "given"

    @property
    def refused(self) -> bool:
        return self.status in REFUSED


UNSOUGHT = Standing(None, False)
_STATED = {status: Standing(status, False) for status in ("given", "refused", "withdrawn")}
_RECORDED = {status: Standing(status, True) for status in ("given", "refused", "withdrawn")}


def standing(stated: str | None, evidence: Evidence, role: str, subjects: tuple[int, ...]) -> Standing:
    """How consent of one role stands: what the caller states, and the caller's own records about `subjects`.

    A refusal or withdrawal, stated or as a subject's latest record, beats a "given". Records carry a "given" only
    where each subject has one.
    """
    if not evidence.consents:
        return _STATED.get(stated, UNSOUGHT) if stated is not None else UNSOUGHT
    latest: dict[int, ConsentOnRecord] = {}
    for record in evidence.consents:
        if record.role == role and record.subject in subjects:
            known = latest.get(record.subject)
            if known is None or known.entry < record.entry:
                latest[record.subject] = record
    if stated in REFUSED:
        return _STATED[stated]
    for record in latest.values():
        if record.status in REFUSED:
            return _RECORDED[record.status]
    if subjects and all(subject in latest and latest[subject].status == "given" for subject in subjects):
        return _RECORDED["given"]
    return _STATED["given"] if stated == "given" else UNSOUGHT
