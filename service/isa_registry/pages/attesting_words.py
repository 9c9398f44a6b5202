"""What the pages of signatories say: a hash that can be read aloud, roles, states, and where a body stands."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from isa_registry.domain.attesting_codes import ANSWERS
from isa_registry.domain.register.attestation_states import Standing, standing, why_not_open
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.units import partnerships_of
from isa_registry.pages.rendering import plain_date, plain_day_of
from isa_registry.store.attesting import Query

SIGNATORY_ROLES = {
    "chief-officer": "Chief officer",
    "siro": "Senior information risk owner",
    "caldicott-guardian": "Caldicott Guardian",
    "head-teacher": "Head teacher",
    "chair-of-trustees": "Chair of trustees",
    "delegate": "Delegate",
}
CONSULTED_ROLES = {
    "data-protection-officer": "Data protection officer",
    "caldicott-guardian": "Caldicott Guardian",
    "siro": "Senior information risk owner",
    "designated-safeguarding-lead": "Designated safeguarding lead",
    "named-professional": "Named professional",
    "legal-adviser": "Legal adviser",
}
STATES = {
    "none": ("published", "Not invited"),
    "asked": ("pending", "Asked to join"),
    "turned-down": ("ended", "Turned down"),
    "invited": ("pending", "Invited"),
    "viewed": ("pending", "Read, not signed"),
    "queried": ("pending", "Question asked"),
    "attested": ("active", "Signed"),
    "re-attested": ("active", "Signed again"),
    "by-parent": ("active", "Signed by your parent body"),
    "stale": ("superseded", "Signed an older version"),
    "lapsed": ("ended", "Lapsed"),
    "withdrawn": ("withdrawn", "Withdrawn"),
    "declined": ("ended", "Declined"),
}
"""For each state the code of its tag, and the words on it."""

_SIGNED = frozenset({"attested", "re-attested", "by-parent"})
_UNSIGNED = frozenset({"none", "asked", "turned-down", "invited", "viewed", "queried", "withdrawn", "declined"})


class Task(Struct, frozen=True):
    """A version and where the body stands towards it. `before` is the version that the body signed last, and `compare`
    where the two are set side by side."""

    version: AgreementVersion
    standing: Standing
    tag: tuple[str, str]
    waits: bool
    before: str | None

    @property
    def address(self) -> str:
        return f"/account/attestations/{self.version.agreement}/{self.version.version}"

    @property
    def words(self) -> str:
        return f"/agreements/{self.version.agreement}/{self.version.version}"

    @property
    def compare(self) -> str:
        return f"/agreements/{self.version.agreement}/compare?from={self.before}&to={self.version.version}"


def grouped(sha256: str) -> tuple[str, ...]:
    """A SHA-256 in hex, in groups of four letters and digits that one can read aloud over the telephone."""
    return tuple(sha256[at : at + 4] for at in range(0, len(sha256), 4))


def task_of(
    view: RegisterView, version: AgreementVersion, organisation: str, today: str, invitation: str | None
) -> Task:
    found = standing(view, version, organisation, today, invitation=invitation)
    before = _signed_before(view, version, organisation)
    open_now = why_not_open(view, version, today) is None
    invited = found.state in ("invited", "viewed", "queried") or (before is not None and found.state == "none")
    return Task(
        version=version,
        standing=found,
        tag=STATES[found.state],
        waits=open_now and invited,
        before=before if found.state not in _SIGNED else None,
    )


def tasks_of(
    view: RegisterView, organisation: str, today: str, invitations: Mapping[tuple[str, str], str]
) -> list[Task]:
    """Every version of the body's partnerships that it can do something about, or has."""
    body, opened = view.organisation(organisation), view.opened()
    own = () if body is None else partnerships_of(view, body)
    found = []
    for version in view.agreement_versions():
        partnership = version.partnership or ("" if opened is None else opened.partnership)
        if partnership not in own:
            continue
        invitation = invitations.get((version.agreement, version.version))
        task = task_of(view, version, organisation, today, invitation)
        if task.standing.attestation is not None or why_not_open(view, version, today) is None:
            found.append(task)
    return sorted(found, key=lambda one: (one.version.tier, one.version.agreement, one.version.published_at))


def task_to_sign(view: RegisterView, version: AgreementVersion, organisation: str, today: str) -> Task | None:
    """A version that a body can sign today and has not; None where it cannot, or nothing is left to sign."""
    body, opened = view.organisation(organisation), view.opened()
    partnership = version.partnership or ("" if opened is None else opened.partnership)
    if body is None or partnership not in partnerships_of(view, body) or why_not_open(view, version, today) is not None:
        return None
    task = task_of(view, version, organisation, today, None)
    return task if task.standing.state in _UNSIGNED else None


def _signed_before(view: RegisterView, version: AgreementVersion, organisation: str) -> str | None:
    """The latest other version of the agreement that a body has attested, if this one came after it."""
    signed = [
        other
        for other in view.agreement_versions(version.agreement)
        if other.published_at < version.published_at
        and view.attestations_by(other.agreement, other.version, organisation)
    ]
    return signed[-1].version if signed else None


def since(standing: Standing) -> str:
    """When a body signed, and whether that ends, in a sentence without a full stop."""
    one = standing.attestation
    if one is None:
        return ""
    ends = "" if one.withdrawn_on is None else f"; withdrawn from {plain_date(one.withdrawn_on)} on"
    return f"Signed on {plain_day_of(one.attested_at)} by the {SIGNATORY_ROLES[one.signatory_role].lower()}{ends}"


def answer_in_words(one: Query) -> str:
    """What became of a question."""
    if one.answer is None:
        return "Not answered yet" if one.state == "asked" else "Settled without an answer"
    clause = "" if one.answer_clause is None else f" (clause {one.answer_clause})"
    return ANSWERS.get(one.answer, one.answer) + clause
