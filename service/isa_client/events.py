"""Sharing events: what was decided, by whom, on what basis, and what was held back (docs/formats/sharing-event.md).

An event records a decision to share, to share in part, not to share, or to wait. It holds codes and opaque references
only; the rationale stays in the agency's own case record, to which it points.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from isa_client.documents import EVENT_TYPE, WITHHELD_TYPE, SigningKey, document_sha256, header_of, payload_of
from isa_client.errors import InputError
from isa_client.identifiers import is_event_id
from isa_client.references import check_reference, check_subject_reference
from isa_verify.encoding import JsonValue
from isa_verify.errors import MalformedError

DECISIONS = ("shared", "part-shared", "not-shared", "deferred")
CONSENTS = ("given", "refused", "withdrawn", "not-sought")
FAMILY_INFORMED = ("yes", "no", "later")
NOT_INFORMED_REASONS = ("increases-risk", "prejudices-enquiry", "not-practicable")
CHILDS_VIEWS = ("agrees", "objects", "not-sought", "not-safe-to-seek")
METHODS = ("case-system", "secure-email", "meeting", "telephone", "post", "portal")
ADVICE_OUTCOMES = ("share", "do-not-share", "unclear")
WITHHELD_REASONS = (
    "not-necessary",
    "disproportionate",
    "more-detrimental",
    "no-role",
    "legally-barred",
    "consent-refused",
    "not-anonymised",
    "confidentiality",
    "live-investigation",
    "source-protection",
    "risk-to-other",
    "insufficient-detail",
    "advice-pending",
)
BASIS_LISTS = ("article_6", "article_9", "article_10", "part_3", "gateways")

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class EventSubject:
    """A person the information is about: kind, roles (DPA 2018 s.38(3)) and a reference by `subject_reference`."""

    kind: str
    ref: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Advice:
    """Advice taken before deciding: from a role, `share`, `do-not-share` or `unclear`."""

    role: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A category that was held back, and the code of the reason."""

    category: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingEvent:
    """One decision. Members are those of the signed document, with the same names and meaning.

    `recipient` is an organisation's id, or `{"kind": …}` for a body that is not registered. `categories` are those
    that were shared, or, where nothing was, those that were asked for. Times are RFC 3339 UTC with milliseconds and
    `Z`, dates YYYY-MM-DD. None means "does not apply" or "not known", never "no".
    """

    registry: str
    partnership: str
    id: str
    decision: str
    provider: str
    recipient: str | dict[str, str]
    purpose: str
    categories: Sequence[str]
    subjects: Sequence[EventSubject]
    urgency: str
    check: str | None
    agreement: tuple[str, str] | None
    basis: dict[str, list[str]]
    would_help_recipient: bool | None
    more_detrimental: bool | None
    consent: str
    family_informed: str
    not_informed_reason: str | None
    childs_view: str
    decided_by_role: str
    decided_by_ref: str
    decided_at: str
    shared_at: str | None
    method: str
    case_record: str
    marking: str = "official-sensitive"
    advice: Sequence[Advice] = ()
    approved_by: str | None = None
    para18_reason: str | None = None
    s36_4_authority: str | None = None
    confidentiality_route: str | None = None
    request: str | None = None
    retention: str | None = None
    review_on: str | None = None
    late_entry: bool = False
    corrects: str | None = None

    def claims(self, withheld_sha256: str | None) -> dict[str, JsonValue]:
        """Return the document to sign, with every member. Raises `InputError` that names the member at fault."""
        self._check(withheld_sha256)
        recipient: JsonValue = self.recipient if isinstance(self.recipient, str) else {**self.recipient}
        agreement: JsonValue = None
        if self.agreement is not None:
            agreement = {"id": self.agreement[0], "version": self.agreement[1]}
        return {
            "v": 1,
            "registry": self.registry,
            "partnership": self.partnership,
            "id": self.id,
            "decision": self.decision,
            "provider": self.provider,
            "recipient": recipient,
            "purpose": self.purpose,
            "categories": [*self.categories],
            "withheld_sha256": withheld_sha256,
            "subjects": [
                {"kind": subject.kind, "roles": [*subject.roles], "ref": subject.ref} for subject in self.subjects
            ],
            "urgency": self.urgency,
            "check": self.check,
            "agreement": agreement,
            "basis": {name: [*self.basis.get(name, [])] for name in BASIS_LISTS},
            "para18_reason": self.para18_reason,
            "s36_4_authority": self.s36_4_authority,
            "confidentiality_route": self.confidentiality_route,
            "duty": {
                "would_help_recipient": self.would_help_recipient,
                "more_detrimental": self.more_detrimental,
            },
            "consent": self.consent,
            "informed": {"family": self.family_informed, "reason": self.not_informed_reason},
            "childs_view": self.childs_view,
            "advice": [{"role": advice.role, "outcome": advice.outcome} for advice in self.advice],
            "approved_by": self.approved_by,
            "decided_by": {"role": self.decided_by_role, "ref": self.decided_by_ref},
            "decided_at": self.decided_at,
            "shared_at": self.shared_at,
            "method": self.method,
            "marking": self.marking,
            "request": self.request,
            "case_record": self.case_record,
            "retention": self.retention,
            "review_on": self.review_on,
            "late_entry": self.late_entry,
            "corrects": self.corrects,
        }

    def _check(self, withheld_sha256: str | None) -> None:
        shares = self.decision in ("shared", "part-shared")
        if not is_event_id(self.id):
            raise _fault("id", "is not a UUID version 7 in lower case")
        for name, value, known in (
            ("decision", self.decision, DECISIONS),
            ("consent", self.consent, CONSENTS),
            ("informed.family", self.family_informed, FAMILY_INFORMED),
            ("childs_view", self.childs_view, CHILDS_VIEWS),
            ("method", self.method, METHODS),
            *(("advice.outcome", advice.outcome, ADVICE_OUTCOMES) for advice in self.advice),
        ):
            if value not in known:
                raise _fault(name, f"is none of {', '.join(known)}")
        if self.not_informed_reason not in (None, *NOT_INFORMED_REASONS):
            raise _fault("informed.reason", f"is none of {', '.join(NOT_INFORMED_REASONS)}")
        if self.family_informed == "no" and self.not_informed_reason is None:
            raise _fault("informed.reason", "is missing: say why the family is not told")
        if not 1 <= len(self.categories) <= 30 or len(set(self.categories)) != len(self.categories):
            raise _fault("categories", "names 1 to 30 different categories")
        if not 1 <= len(self.subjects) <= 50:
            raise _fault("subjects", "names 1 to 50 people, each by a keyed reference")
        for subject in self.subjects:
            check_subject_reference(subject.ref)
        if shares != (self.shared_at is not None):
            raise _fault("shared_at", "is there exactly when something was shared")
        if (self.decision == "shared") != (withheld_sha256 is None):
            raise _fault("withheld_sha256", "belongs to every decision but shared: say what was withheld, and why")
        for name, time in (("decided_at", self.decided_at), ("shared_at", self.shared_at)):
            if time is not None and not is_time(time):
                raise _fault(name, "is not a time such as 2026-10-01T09:30:00.000Z")
        if self.review_on is not None and not is_date(self.review_on):
            raise _fault("review_on", "is not a date such as 2026-10-01")
        if self.corrects is not None and not is_event_id(self.corrects):
            raise _fault("corrects", "is not the id of a sharing event")
        for name, code in (("purpose", self.purpose), ("marking", self.marking), ("urgency", self.urgency)):
            check_code(code, name)
        for category in self.categories:
            check_code(category, "category")
        check_code(self.decided_by_role, "role")
        check_reference(self.case_record, "case record")
        check_reference(self.decided_by_ref, "staff reference")
        if self.request is not None:
            check_reference(self.request, "request reference")


def sign_event(event: SharingEvent, withheld: Sequence[Withheld], key: SigningKey) -> tuple[str, str | None]:
    """Return the event as a compact JWS, and the signed list of what was withheld where there is one.

    The list names the event by its id and the event names the list by its SHA-256. Raises `InputError`.
    """
    listed: str | None = None
    if withheld:
        listed = key.sign(WITHHELD_TYPE, withheld_claims(event, withheld))
    return key.sign(EVENT_TYPE, event.claims(document_sha256(listed) if listed else None)), listed


def late_entry_of(event: str, key: SigningKey) -> str:
    """Return the same decision under the same id, signed again as one that reaches the registry late.

    An event that the registry gets more than 24 hours after its decision says so in what is signed (`late_entry`), so
    one that waited that long, and was never recorded, is signed again. Its list of what was withheld stays as it is.
    Raises `InputError` where the text is no event, or is a late entry already.
    """
    try:
        claims = payload_of(event) if header_of(event).get("typ") == EVENT_TYPE else {}
    except MalformedError:
        claims = {}
    if claims.get("late_entry") is not False:
        raise InputError("event-malformed", "The text is not an event that could be signed again as a late entry.")
    return key.sign(EVENT_TYPE, {**claims, "late_entry": True})


def withheld_claims(event: SharingEvent, withheld: Sequence[Withheld]) -> dict[str, JsonValue]:
    """Return the list of what was withheld, to sign. Raises `InputError` for a reason that is none."""
    for one in withheld:
        check_code(one.category, "withheld category")
        if one.reason not in WITHHELD_REASONS:
            raise _fault("withheld.reason", f"is none of {', '.join(WITHHELD_REASONS)}")
    if len({one.category for one in withheld}) != len(withheld):
        raise _fault("withheld", "names a category twice")
    if event.decision == "part-shared" and {one.category for one in withheld} & set(event.categories):
        raise _fault("categories", "names a category that was withheld")
    return {
        "v": 1,
        "registry": event.registry,
        "partnership": event.partnership,
        "event": event.id,
        "withheld": [{"category": one.category, "reason": one.reason} for one in withheld],
    }


def time_of(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 UTC with milliseconds, rounded down."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def is_time(text: str) -> bool:
    """Say whether the text is a real moment in the form of `time_of`."""
    try:
        return _TIME.fullmatch(text) is not None and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def is_date(text: str) -> bool:
    """Say whether the text is a real day as YYYY-MM-DD."""
    try:
        return _DATE.fullmatch(text) is not None and date.fromisoformat(text) is not None
    except ValueError:
        return False


def check_code(text: str, name: str) -> str:
    """Return the text if it has a code's form (the registry knows which codes there are); raise `InputError`."""
    if _CODE.fullmatch(text) is None:
        raise _fault(name, "is not a code of lower-case letters, digits and hyphens")
    return text


def _fault(member: str, detail: str) -> InputError:
    return InputError("event-malformed", f"The event's {member} {detail}.")
