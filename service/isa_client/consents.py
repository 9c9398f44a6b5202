"""Consent records: what somebody answered when they were asked, said again, or took back.

A record is codes and references. The words that were shown, and whatever the person said, stay in the agency's own
system. Which codes there are, and who may answer for whom, the registry knows; what identifies a person is refused here
and never sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from isa_client.errors import InputError
from isa_client.events import check_code, is_date, is_time
from isa_client.references import check_reference, check_subject_reference
from isa_verify.encoding import JsonValue

MOST_REFERENCES = 50

_CONSENT = re.compile(r"cns_[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Statement:
    """The words that were shown: your own reference of the statement, its version, and its language (`en`, `cy`)."""

    ref: str
    version: str
    language: str

    def document(self) -> dict[str, JsonValue]:
        """Return it as it is sent. Raises `InputError`."""
        return {"id": check_reference(self.ref, "statement"), "version": self.version, "language": self.language}


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answered, by a code; how it was established that they may; and the reference of what shows that."""

    by: str
    shown_by: str
    evidence: str | None = None

    def document(self) -> dict[str, JsonValue]:
        """Return it as it is sent. Raises `InputError`."""
        document: dict[str, JsonValue] = {
            "by": check_code(self.by, "standing"),
            "shown_by": check_code(self.shown_by, "standing"),
        }
        return document | _given(evidence=_reference(self.evidence, "evidence of the standing"))


@dataclass(frozen=True, slots=True)
class Recorder:
    """Who wrote it down: a role, and an opaque reference of that member of staff."""

    role: str
    ref: str

    def document(self) -> dict[str, JsonValue]:
        """Return it as it is sent. Raises `InputError`."""
        return {"role": check_code(self.role, "role"), "ref": check_reference(self.ref, "staff reference")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody said, and how: the members of a record that a renewal says again.

    `explicit` is whether it was an express statement. `method` is a code of how it was said; `evidence` the reference
    of what shows that in your own system. `answered_at` is now unless it is given (RFC 3339 UTC with milliseconds).
    """

    standing: Standing
    childs_view: str
    explicit: bool
    statement: Statement
    method: str
    evidence: str
    recorded_by: Recorder
    answered_at: str | None = None
    review_on: str | None = None
    age_transition_on: str | None = None

    def document(self) -> dict[str, JsonValue]:
        """Return the body of a renewal. Raises `InputError`, which names the member at fault."""
        document: dict[str, JsonValue] = {
            "standing": self.standing.document(),
            "childs_view": check_code(self.childs_view, "child's view"),
            "explicit": self.explicit,
            "statement": self.statement.document(),
            "method": check_code(self.method, "method"),
            "evidence": check_reference(self.evidence, "evidence"),
            "recorded_by": self.recorded_by.document(),
        }
        return document | _given(
            answered_at=_time(self.answered_at),
            review_on=_date(self.review_on),
            age_transition_on=_date(self.age_transition_on),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody answered when they were asked whether information about one person may be shared.

    `answer` is `given` or `refused`; `role` is `the-basis` (consent under data protection law) or
    `agreement-to-service`: two different things. `ref` is by `SubjectKeys.reference`. `recipients` are organisations,
    or `{"kind": …}`.
    """

    answer: str
    kind: str
    ref: str
    role: str
    purposes: Sequence[str]
    recipients: Sequence[str | dict[str, str]]
    categories: Sequence[str]
    said: Said
    retention: str | None = None

    def document(self) -> dict[str, JsonValue]:
        """Return the body of `POST /api/v1/consents`. Raises `InputError`, which names the member at fault."""
        if self.answer not in ("given", "refused"):
            raise InputError("consent-malformed", "The answer is given or refused.")
        for name, listed in (
            ("purposes", self.purposes),
            ("recipients", self.recipients),
            ("categories", self.categories),
        ):
            if not 1 <= len(listed) <= 30:
                raise InputError("consent-malformed", f"The consent's {name} are 1 to 30.")
        recipients: list[JsonValue] = [one if isinstance(one, str) else {**one} for one in self.recipients]
        return {
            "answer": self.answer,
            "subject": {"kind": check_code(self.kind, "subject"), "ref": check_subject_reference(self.ref)},
            "role": check_code(self.role, "role"),
            "scope": {
                "purposes": [check_code(one, "purpose") for one in self.purposes],
                "recipients": recipients,
                "categories": [check_code(one, "category") for one in self.categories],
            },
            **self.said.document(),
            **_given(retention=self.retention),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A consent taken back: by whom and how. No reason is asked of anybody."""

    by: str
    method: str
    recorded_by: Recorder
    answered_at: str | None = None
    evidence: str | None = None

    def document(self) -> dict[str, JsonValue]:
        """Return the body of a withdrawal. Raises `InputError`, which names the member at fault."""
        document: dict[str, JsonValue] = {
            "by": check_code(self.by, "standing"),
            "method": check_code(self.method, "method"),
            "recorded_by": self.recorded_by.document(),
        }
        return document | _given(answered_at=_time(self.answered_at), evidence=_reference(self.evidence, "evidence"))


def search_document(references: Sequence[str], **narrowed: JsonValue) -> dict[str, JsonValue]:
    """Return the body of `POST /api/v1/consents/search`: your own references, under every key that you have had.

    `narrowed` are `role`, `purpose`, `recipient` and `status` (a list). Raises `InputError`.
    """
    if not 1 <= len(references) <= MOST_REFERENCES:
        raise InputError("references-count", f"Look for 1 to {MOST_REFERENCES} references at a time.")
    if unknown := narrowed.keys() - {"role", "purpose", "recipient", "status"}:
        raise InputError("search-malformed", f"A search is not narrowed by {', '.join(sorted(unknown))}.")
    return {"references": [check_subject_reference(one) for one in references], **narrowed}


def check_consent_id(text: str) -> str:
    """Return the text if it can be the id of a consent; raise `InputError` otherwise."""
    if _CONSENT.fullmatch(text) is None:
        raise InputError("consent-id-malformed", "The id of a consent is cns_ and 32 hexadecimal digits.")
    return text


def _given(**members: JsonValue) -> dict[str, JsonValue]:
    return {name: value for name, value in members.items() if value is not None}


def _reference(text: str | None, name: str) -> str | None:
    return None if text is None else check_reference(text, name)


def _time(text: str | None) -> str | None:
    if text is not None and not is_time(text):
        raise InputError("consent-malformed", "A time is not one such as 2026-10-01T09:30:00.000Z.")
    return text


def _date(text: str | None) -> str | None:
    if text is not None and not is_date(text):
        raise InputError("consent-malformed", "A date is not one such as 2026-10-01.")
    return text
