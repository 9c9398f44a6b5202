"""The words of what an auditor reads: kinds of entries, where a payload is, what a replay came to."""

from __future__ import annotations

from isa_registry.domain.replaying import Verdict

RECORD = "record"
"""The kind that stands in the leaf of everything about a case."""

KINDS = {
    "registry.opened": "The registry was opened",
    "log.continued": "This log continues another",
    "catalogue.changed": "The law as data changed",
    "law.verified": "A point of law was checked by a person",
    "law.verification-withdrawn": "A check of a point of law was taken back",
    "partnership.registered": "A partnership joined",
    "partnership.changed": "A partnership’s details changed",
    "organisation.registered": "An organisation joined",
    "organisation.changed": "An organisation’s details or standing changed",
    "delegation.given": "Somebody was allowed to sign for an organisation",
    "delegation.ended": "Signing for an organisation ended",
    "issuer.registered": "An identity provider was registered",
    "issuer.removed": "An identity provider was removed",
    "client.granted": "A system was let in",
    "client.revoked": "A system was shut out",
    "key.registered": "A signing key was registered",
    "key.revoked": "A signing key was revoked",
    "role.granted": "A person was given a role",
    "role.revoked": "A role was taken from a person",
    "law.change-looked-at": "A business unit said what follows from a change of the law",
    "agreement.published": "A version of an agreement was published",
    "agreement.opened": "A version was opened for signing",
    "agreement.in-force": "A version came into force",
    "agreement.suspended": "A version was suspended",
    "agreement.resumed": "A version’s suspension ended",
    "agreement.withdrawn": "A version was withdrawn",
    "agreement.reviewed": "A version was reviewed",
    "companion.published": "A summary or a translation was published",
    "attestation.made": "An organisation signed a version",
    "attestation.declined": "An organisation declined to sign",
    "attestation.withdrawn": "An organisation took its signature back",
    "lawful-basis.recorded": "A lawful basis was recorded",
    "lawful-basis.ended": "A lawful basis ended",
    "retention.changed": "The retention rules changed",
    "hold.placed": "A legal hold was placed",
    "hold.lifted": "A legal hold was lifted",
    "log-key.rotated": "The log’s keys changed",
    "check.answered": "A question was asked and answered",
    "sharing-event.recorded": "A decision to share, or not to, was recorded",
    "sharing-event.withheld": "What was held back of a decision",
    "sharing-event.flagged": "A decision was marked for the one who made it",
    "sharing-event.acknowledged": "What was shared was said to have come",
    "consent.given": "Somebody consented",
    "consent.refused": "Somebody refused consent",
    "consent.renewed": "Consent was given again",
    "consent.withdrawn": "Consent was taken back",
    "consent.invalidated": "Consent was found void",
    "challenge.raised": "A professional difference was raised",
    "challenge.moved": "A professional difference went on",
    "challenge.closed": "A professional difference was closed",
    "records.searched": "An organisation searched its records by reference",
    "payload.read": "Somebody read another organisation’s records",
    "payload.erased": "A record was erased",
}
"""Every kind of entry, in the words of a list."""

ABOUT_A_CASE = "A record about a case"


def kind_in_words(kind: str) -> str:
    return ABOUT_A_CASE if kind == RECORD else KINDS.get(kind, kind)


STATES = {
    "present": ("registered", "You can read it"),
    "withheld": ("pending", "Another organisation’s"),
    "erased": ("ended", "Erased"),
}
"""Where a payload is: the code of a tag, and its words."""

REASONS = {
    "inspection": "An inspection",
    "complaint": "A complaint",
    "court-order": "An order of a court",
    "subject-access-request": "Somebody asked for their own data",
    "practice-review": "A practice review",
    "quality-assurance": "Quality assurance",
    "incident": "An incident",
    "audit": "An audit",
}
"""Why somebody reads what is not their own organisation's."""

VERDICTS: dict[Verdict, tuple[str, str, str]] = {
    "identical": (
        "registered",
        "It comes out exactly as it was",
        (
            "Answered again from the register, the law, the facts and the rules of then, every word is the same. What "
            "was told then follows from what was known then, and was not made up since."
        ),
    ),
    "different": (
        "withdrawn",
        "It comes out otherwise: this is an alarm",
        "No log that nobody has touched does this. Keep this page, and do not explain it away.",
    ),
    "engine-changed": (
        "suspended",
        "The rules of then are no longer kept",
        (
            "Today’s version of the rules answered it, on the register and the law of then. A difference can come from "
            "the rules alone, and proves nothing."
        ),
    ),
    "not-replayable": (
        "ended",
        "It cannot be answered again",
        (
            "Something that the answer may have rested on is no longer here. Why is said below. Nothing is wrong with "
            "the log because of it."
        ),
    ),
}
"""The code of a tag, a headline, and what it means."""

CHANGES = {"changed": "Other", "removed": "No longer there", "added": "New"}
