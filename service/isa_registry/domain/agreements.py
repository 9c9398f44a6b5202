"""Information sharing agreements: the schedule that machines read.

The words and their clauses are read by `domain/agreement_text.py`; both are checked against each other and
the catalogue by `domain/agreement_loading.py`. The files are described in docs/formats/agreement.md.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct

from isa_registry.domain.catalogue import Confidence

SIGNATORY_ROLES = frozenset(
    {"chief-officer", "siro", "caldicott-guardian", "head-teacher", "chair-of-trustees", "delegate"}
)

CONSULTED_ROLES = frozenset(
    {
        "data-protection-officer", "caldicott-guardian", "siro", "designated-safeguarding-lead",
        "named-professional", "legal-adviser",
    }
)  # fmt: skip

# The subjects that an answer may cite a clause for.
TOPICS = frozenset(
    {
        "about", "accuracy", "adults-at-risk", "agreement-to-service", "answering", "attestation", "audit", "breach",
        "children-who-harm", "confidentiality", "consent", "controllers", "crime-and-disorder", "cross-border",
        "data-items", "disagreement", "do-not-ask", "duty-to-share", "gillick", "human-rights", "images",
        "immediate-danger", "inform", "intelligence", "joining", "law-enforcement", "lawful-basis", "liability",
        "meetings", "minimum-necessary", "minutes", "missing-now", "no-agreement-needed", "not-sharing",
        "onward-sharing", "openness", "paperwork", "parent-suspected", "parties", "peers", "professional-details",
        "purposes-not-authorised", "record-one-off", "recording", "registry", "request", "restrictions", "retention",
        "return-interview", "review", "rights", "security", "serious-violence", "sexual-health", "special-category",
        "statutory-request", "subjects", "third-parties", "training", "turning-18", "unborn", "urgent",
        "voice-of-the-child", "who-may-ask", "withdrawal",
    }
)  # fmt: skip

LANGUAGES = {"en": "English", "cy": "Cymraeg"}
"""The languages that words can be in, by BCP 47 tag, each under its own name."""

RetentionStart = Literal[
    "birth", "death", "closure", "last-entry", "decision", "end-of-agreement", "as-guidance-says"
]  # fmt: skip


class ParentAgreement(Struct, frozen=True, forbid_unknown_fields=True):
    """The Tier 1 version that a Tier 2 rests on."""

    agreement: str
    version: str


class ScheduleFlow(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}, omit_defaults=True):
    """What goes in one direction: `from_` and `to` name groups of `Schedule.parties`.

    `categories`, where it is there, narrows the purpose's own for this direction.
    """

    from_: str
    to: str
    minimum: tuple[str, ...]
    categories: tuple[str, ...] | None = None


class SchedulePurpose(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A purpose that the agreement covers, the clause that says so, and the categories that may go for it.

    `minimum` names the categories that are normally enough; sharing more asks for a reason. The first of `flows` that
    fits the two bodies says otherwise for its direction: see `allowance`.
    """

    code: str
    clause: str
    categories: tuple[str, ...]
    minimum: tuple[str, ...] = ()
    flows: tuple[ScheduleFlow, ...] = ()


class ScheduleContact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A public contact point, by code: `first-contact`, `police-emergency`, `police-non-emergency`, `out-of-hours`."""

    code: str
    label: str
    telephone: str | None = None
    note: str | None = None


class ScheduleRetention(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A retention class that events may name.

    `years` run from what `starts` names, and are absent where the period is `as-guidance-says`. `confidence` and
    `source`: how sure the rule is, and where it was read.
    """

    code: str
    label: str
    rule: str
    starts: RetentionStart
    confidence: Confidence
    source: str
    years: int | None = None


class Schedule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The machine-readable schedule of one agreement version. Dates are Europe/London, YYYY-MM-DD.

    `signatory_roles` maps a kind of organisation to the roles that may sign for it, `consulted_roles` to those that
    are asked first and do not sign. `topics` names the clause that speaks of a subject (one of `TOPICS`), so that an
    answer can cite it: `duty-to-share` 7.2, for instance. `parties` names groups of kinds, for flows to name.
    `heirs`: for each clause of the version published before that this one lacks, the clauses here that took over; none
    for one that was withdrawn. `language` is that of the words (one of `LANGUAGES`). `short_title` is what documents
    call the agreement, such as HOTH ISA; no two agreements share one.
    """

    agreement: str
    version: str
    title: str
    tier: int
    effective_from: str
    review_due: str
    purposes: tuple[SchedulePurpose, ...]
    signatory_roles: dict[str, tuple[str, ...]]
    contacts: tuple[ScheduleContact, ...]
    retention: tuple[ScheduleRetention, ...]
    parent: ParentAgreement | None = None
    ends: str | None = None
    topics: dict[str, str] = {}
    parties: dict[str, tuple[str, ...]] = {}
    consulted_roles: dict[str, tuple[str, ...]] = {}
    heirs: dict[str, tuple[str, ...]] = {}
    language: str = "en"
    short_title: str | None = None


class Allowance(NamedTuple):
    """What a schedule lets go for a purpose in one direction, and what is normally enough: category codes."""

    categories: tuple[str, ...]
    minimum: tuple[str, ...]


def allowance(
    schedule: Schedule, purpose: SchedulePurpose, provider_kind: str | None, recipient_kind: str | None
) -> Allowance:
    """What may go for one of the schedule's purposes from a kind of organisation to another.

    The first flow whose groups hold the two kinds gives the minimum and, where it names them, the categories. Without
    one, and for a body of no known kind, the purpose's own hold.
    """
    for flow in purpose.flows:
        if provider_kind in schedule.parties.get(flow.from_, ()) and recipient_kind in schedule.parties.get(
            flow.to, ()
        ):
            return Allowance(purpose.categories if flow.categories is None else flow.categories, flow.minimum)
    return Allowance(purpose.categories, purpose.minimum)


_encoder = msgspec.json.Encoder(order="sorted")


def encode_schedule(schedule: Schedule) -> bytes:
    """Canonical JSON (RFC 8785) of the schedule: the bytes whose SHA-256 is signed."""
    return _encoder.encode(schedule)
