"""What a struct's types do not say of its members: closed codes, formats, counts. Merged into the published schemas.

Codes of purposes, categories, kinds, roles and provisions are not listed: they come from the catalogue and may grow.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from isa_registry.actions import keys
from isa_registry.actions.issuer_faults import AUTHENTICATIONS
from isa_registry.actions.key_sets import Standing
from isa_registry.api.refinements_of_challenges import OF_CHALLENGES
from isa_registry.api.refinements_of_consents import REFINEMENTS_OF_CONSENTS
from isa_registry.api.shape_words import SHAPE_WORDS
from isa_registry.domain import agreement_codes, sharing
from isa_registry.domain.agreements import LANGUAGES, SIGNATORY_ROLES
from isa_registry.domain.attesting_codes import ANSWERS, DECLINE_REASONS, QUESTIONS, WITHDRAWAL_REASONS
from isa_registry.domain.companions import COMPANIONS
from isa_registry.domain.lifecycles import STEPS, states
from isa_registry.domain.organisation_records import ICO_REGISTRATION
from isa_registry.domain.references import SUBJECT_REFERENCE
from isa_registry.domain.register.agreement_life import Comes
from isa_registry.domain.register.bodies import Standing as BodyStanding
from isa_registry.domain.register.signing_keys import USES, State
from isa_registry.domain.roles import OWN_ROLES, ROLES, SCOPES
from isa_registry.identity.compact import ASYMMETRIC
from isa_registry.identity.profiles import PROFILES

JsonSchema = dict[str, object]

OUTCOMES = ("share-now", "duty-to-share", "may-share", "ask-consent", "seek-advice", "do-not-share")
URGENCIES = ("routine", "urgent", "immediate-danger")
SUBJECT_KINDS = ("child", "unborn-child", "other-child", "parent-carer", "adult-at-risk", "adult")
SUBJECT_ROLES = ("victim", "suspect", "convicted", "witness", "associate")
CONSENT_STATES = ("given", "refused", "withdrawn", "not-sought")
PARA18_REASONS = ("cannot-give", "not-reasonable", "would-prejudice")
CONFIDENTIALITY_ROUTES = ("consent", "implied-direct-care", "statute", "public-interest", "court-order")
RESTRICTIONS = (
    "court-papers", "court-order-forbids", "adoption-record", "legal-privilege", "gender-recognition",
    "source-protection",
)  # fmt: skip

_MADE = ("attested", "re-attested", "stale", "withdrawn", "lapsed")

_MOMENT: JsonSchema = {"format": "date-time", "examples": ["2026-09-30T14:05:00.000Z"]}
_DAY: JsonSchema = {"format": "date", "examples": ["2026-09-30"]}
_SHA256: JsonSchema = {"pattern": "^[0-9a-f]{64}$"}
_THUMBPRINT: JsonSchema = {"pattern": "^[A-Za-z0-9_-]{43}$"}
_UUID: JsonSchema = {"format": "uuid"}
_ONE: JsonSchema = {"const": 1}
_CHECK_ID: JsonSchema = {"pattern": "^chk_[0-9a-f]{32}$"}
_REFERENCE: JsonSchema = {"pattern": f"^{SUBJECT_REFERENCE.pattern}$"}
_EVENTS = tuple(dict.fromkeys(one.event for one in STEPS if one.machine == "agreement"))
_CATEGORIES: JsonSchema = {"minItems": 1, "maxItems": 30, "uniqueItems": True}


def _one_of(codes: Iterable[str]) -> JsonSchema:
    return {"enum": list(codes)}


_ICO: JsonSchema = {"pattern": f"^(?:{ICO_REGISTRATION.pattern})$", "examples": ["ZA123456"]}
_BODY: dict[str, JsonSchema] = {
    "standing": _one_of(get_args(BodyStanding)),
    "ico_registration": _ICO,
    "suspended_on": _DAY,
    "closed_on": _DAY,
}

REFINEMENTS: dict[str, dict[str, JsonSchema]] = {
    **REFINEMENTS_OF_CONSENTS,
    "Question": {
        "categories": _CATEGORIES,
        "subjects": {"maxItems": 50},
        "urgency": _one_of(URGENCIES),
        "on": _DAY,
    },
    "Subject": {"kind": _one_of(SUBJECT_KINDS), "roles": _one_of(SUBJECT_ROLES), "ref": _REFERENCE},
    "Circumstances": {
        "consent": _one_of(CONSENT_STATES),
        "agreement_to_service": _one_of(CONSENT_STATES),
        "para18_reason": _one_of(PARA18_REASONS),
        "confidentiality_route": _one_of(CONFIDENTIALITY_ROUTES),
        "restriction": _one_of(RESTRICTIONS),
    },
    "CheckResponse": {
        "id": _CHECK_ID,
        "decided_at": _MOMENT,
        "outcome": _one_of(OUTCOMES),
        "regime": _one_of(("uk-gdpr", "law-enforcement", "none")),
    },
    "AnsweredAgain": {"outcome": _one_of(OUTCOMES), "regime": _one_of(("uk-gdpr", "law-enforcement", "none"))},
    "ReplayResponse": {"check": _CHECK_ID},
    "RecordedThen": {"decided_at": _MOMENT},
    "AgainstToday": {"on": _DAY},
    "ConsentAdvice": {
        "role": _one_of(("the-basis", "not-the-basis", "agreement-to-service")),
        "seek": _one_of(("yes", "no", "must-not")),
    },
    "InformAdvice": {
        "expected": _one_of(("yes", "unless-unsafe", "after", "case-by-case", "no", "privacy-notice")),
    },
    "Missing": {"needed": _one_of(("to-be-lawful", "good-record")), "who": _one_of(("you", "your-ig-lead"))},
    "AgreementCited": {"sha256": _SHA256},
    "CategoryAnswer": {"outcome": _one_of(OUTCOMES)},
    "EventResponse": {
        "id": _UUID,
        "recorded_at": _MOMENT,
        "state": _one_of(sharing.STATES),
        "corrects": _UUID,
        "corrected_by": _UUID,
    },
    "EventLine": {
        "id": _UUID,
        "decision": _one_of(sharing.DECISIONS),
        "decided_at": _MOMENT,
        "state": _one_of(sharing.STATES),
    },
    "AcknowledgementSeen": {"recorded_at": _MOMENT, "received_at": _MOMENT},
    "AcknowledgementResponse": {"event": _UUID, "recorded_at": _MOMENT, "received_at": _MOMENT},
    "Acknowledgement": {"v": _ONE, "event": _UUID, "event_sha256": _SHA256, "received_at": _MOMENT},
    "SharingEvent": {
        "v": _ONE,
        "id": _UUID,
        "decision": _one_of(sharing.DECISIONS),
        "categories": _CATEGORIES,
        "withheld_sha256": _SHA256,
        "subjects": {"minItems": 1, "maxItems": 50},
        "urgency": _one_of(URGENCIES),
        "check": _CHECK_ID,
        "para18_reason": _one_of(PARA18_REASONS),
        "confidentiality_route": _one_of(CONFIDENTIALITY_ROUTES),
        "consent": _one_of(CONSENT_STATES),
        "childs_view": _one_of(sharing.CHILDS_VIEWS),
        "decided_at": _MOMENT,
        "shared_at": _MOMENT,
        "method": _one_of(sharing.METHODS),
        "marking": _one_of(sharing.MARKINGS),
        "review_on": _DAY,
        "corrects": _UUID,
    },
    "EventSubject": {"kind": _one_of(SUBJECT_KINDS), "roles": _one_of(SUBJECT_ROLES), "ref": _REFERENCE},
    "EventInformed": {"family": _one_of(sharing.INFORMED), "reason": _one_of(sharing.NOT_INFORMED_REASONS)},
    "EventAdvice": {"outcome": _one_of(sharing.ADVICE_OUTCOMES)},
    "Withheld": {"event": _UUID, "withheld": {"minItems": 1, "maxItems": 30}},
    "WithheldCategory": {"reason": _one_of(sharing.WITHHELD_REASONS)},
    "AttestationDocument": {
        "v": _ONE,
        "text_sha256": _SHA256,
        "schedule_sha256": _SHA256,
        "attested_at": _MOMENT,
        "signed_by": _one_of(("organisation", "registry")),
    },
    "Signatory": {"role": _one_of(sorted(SIGNATORY_ROLES))},
    "AttestationConsulted": {"on": _DAY},
    "AttestationAuthority": {"code": _one_of(("office-holder", "scheme-of-delegation", "board-resolution"))},
    "AttestationLine": {
        "attested_at": _MOMENT,
        "text_sha256": _SHA256,
        "withdrawn_on": _DAY,
        "withdrawal_reason": _one_of(WITHDRAWAL_REASONS),
        "state": _one_of(_MADE),
    },
    "BodyLine": {"state": _one_of(("invited", "by-parent", *_MADE))},
    "AttestationWish": {"text_sha256": _SHA256, "schedule_sha256": _SHA256},
    "AttestationRecorded": {"logged_at": _MOMENT},
    "AttestationWithdrawal": {"on": _DAY, "reason": _one_of(WITHDRAWAL_REASONS)},
    "Refusal": {"reason": _one_of(DECLINE_REASONS)},
    "InvitationLine": {"state": _one_of(states("invitation")), "since": _MOMENT},
    "NewQuery": {"question": _one_of(QUESTIONS)},
    "QueryAnswer": {"answer": _one_of(ANSWERS)},
    "QueryLine": {
        "question": _one_of(QUESTIONS),
        "state": _one_of(("asked", "answered", "settled")),
        "answer": _one_of(ANSWERS),
        "asked_at": _MOMENT,
        "answered_at": _MOMENT,
        "settled_at": _MOMENT,
    },
    "VersionLine": {
        "in_force_on": _DAY,
        "review_due": _DAY,
        "withdrawn_on": _DAY,
        "text_sha256": _SHA256,
        "schedule_sha256": _SHA256,
    },
    "ClauseWhole": {"text_sha256": _SHA256},
    "Schedule": {"effective_from": _DAY, "review_due": _DAY, "ends": _DAY},
    "NewKey": {
        "algorithm": _one_of(keys.ALGORITHMS),
        "uses": _one_of(USES),
        "valid_from": _MOMENT,
        "valid_until": _MOMENT,
    },
    "KeyLine": {
        "algorithm": _one_of(keys.ALGORITHMS),
        "thumbprint": _THUMBPRINT,
        "uses": _one_of(USES),
        "source": _one_of(("founding", "sent", "jwks-uri")),
        "state": _one_of(get_args(State)),
        "proved_at": _MOMENT,
        "valid_from": _MOMENT,
        "valid_until": _MOMENT,
        "revoked_because": _one_of(keys.REASONS),
        "suspect_from": _MOMENT,
    },
    "KeySignatory": {"role": _one_of(sorted(SIGNATORY_ROLES))},
    "KeyToDo": {"code": _one_of(("expires-soon", "revoke-expired"))},
    "KeyProof": {
        "v": _ONE,
        "uses": _one_of(USES),
        "thumbprint": _THUMBPRINT,
        "made_at": _MOMENT,
    },
    "Published": {"standing": _one_of(get_args(Standing))},
    "Revocation": {"reason": _one_of(keys.REASONS), "suspect_from": _MOMENT},
    "Logged": {"logged_at": _MOMENT},
    "NewRole": {"role": _one_of(ROLES), "until": _DAY},
    "EndedRole": {"role": _one_of(ROLES)},
    "HeldRole": {"role": _one_of(ROLES), "until": _DAY},
    "UnusedRole": {"role": _one_of(ROLES), "until": _DAY, "granted_on": _DAY},
    "UnusedMember": {"last_used": _DAY},
    "UnusedRoles": {"noted_since": _DAY},
    "NewClient": {"scopes": _one_of(SCOPES), "until": _DAY},
    "ClientLine": {"scopes": _one_of(SCOPES), "until": _DAY},
    "NewIssuer": {"algorithms": _one_of(ASYMMETRIC), "profile": _one_of(PROFILES)},
    "IssuerLine": {"algorithms": _one_of(ASYMMETRIC), "profile": _one_of(PROFILES)},
    "SignIn": {"authentication": _one_of(AUTHENTICATIONS)},
    "RoleMapping": {"role": _one_of(OWN_ROLES)},
    "OrganisationLine": _BODY,
    "OrganisationWhole": _BODY,
    "OrganisationRecord": {name: _BODY[name] for name in ("ico_registration", "suspended_on", "closed_on")},
    "NewOrganisation": {"ico_registration": _ICO},
    "ChangedRecord": {"ico_registration": _ICO},
    "OwnParticulars": {"ico_registration": _ICO},
    "PolicyDocument": {"review_on": _DAY},
    "NewSuspension": {"on": _DAY},
    "NewClosure": {"on": _DAY},
    "NewDelegation": {"starts": _DAY, "until": _DAY},
    "EndedDelegation": {"on": _DAY},
    "DelegationLine": {"starts": _DAY, "until": _DAY},
    "OwnDelegation": {"starts": _DAY, "until": _DAY, "ended_on": _DAY},
    "LoggedDelegation": {"logged_at": _MOMENT},
    "PartnershipLine": {"ended_on": _DAY},
    "ChangedPartnership": {"ended_on": _DAY},
    "ProposalView": {
        "state": _one_of(("open", "approved", "logged", "withdrawn", "declined")),
        "sha256": _SHA256,
        "proposed_at": _MOMENT,
        "expires_at": _MOMENT,
    },
    "Decision": {"sha256": _SHA256},
    "VersionInForce": {"on": _DAY, "review_due": _DAY, "ends": _DAY},
    "VersionSuspension": {"on": _DAY, "reason": _one_of(agreement_codes.SUSPENSION_REASONS)},
    "VersionResumption": {"on": _DAY},
    "VersionWithdrawal": {"on": _DAY, "reason": _one_of(agreement_codes.WITHDRAWAL_REASONS)},
    "NewCompanion": {"companion": _one_of(COMPANIONS), "language": _one_of(LANGUAGES)},
    "CompanionText": {
        "companion": _one_of(COMPANIONS),
        "language": _one_of(LANGUAGES),
        "text_sha256": _SHA256,
        "published_at": _MOMENT,
    },
    "CompanionList": {"language": _one_of(LANGUAGES)},
    "VersionReview": {"on": _DAY, "outcome": _one_of(agreement_codes.REVIEW_OUTCOMES), "review_due": _DAY},
    "InForceRule": {"on": _DAY, "quorum": {"minimum": 1}},
    "VersionLife": {"on": _DAY, "takes": _one_of(_EVENTS)},
    "ComingLine": {"what": _one_of(get_args(Comes)), "on": _DAY},
    "DecisionLine": {"event": _one_of(_EVENTS), "on": _DAY, "review_due": _DAY},
    "VersionPublication": {"text_sha256": _SHA256, "schedule_sha256": _SHA256},
    "DraftHashes": {"text_sha256": _SHA256, "schedule_sha256": _SHA256},
    "DraftReturn": {"reason": _one_of(agreement_codes.RETURN_REASONS)},
    "DraftLine": {
        "state": _one_of(states("draft")),
        "text_sha256": _SHA256,
        "schedule_sha256": _SHA256,
        "reason": _one_of(agreement_codes.RETURN_REASONS),
        "begun_at": _MOMENT,
        "changed_at": _MOMENT,
    },
    "Health": {"status": _one_of(("ok", "degraded"))},
    "Alive": {"status": _one_of(("ok",))},
    "WitnessLine": {
        "state": _one_of(("not-asked", "healthy", "failing", "ahead", "disagrees")),
        "cosigned_at": _MOMENT,
    },
    "Receipt": {"v": _ONE},
    "LeafFields": {"v": _ONE, "at": _MOMENT, "prev": _SHA256, "commitment": _SHA256},
    "AuditEntry": {"at": _MOMENT, "leaf_hash": _SHA256, "state": _one_of(("present", "withheld", "erased"))},
    **OF_CHALLENGES,
}

_OF_ARRAYS = frozenset({"minItems", "maxItems", "uniqueItems"})


def refine(name: str, schema: JsonSchema) -> JsonSchema:
    """The schema of the struct `name` with what `REFINEMENTS` adds, and its description on one line.

    Raises KeyError where a refinement names a member that the struct does not have.
    """
    refined = dict(schema)
    if name in SHAPE_WORDS:
        refined["description"] = SHAPE_WORDS[name]
    elif isinstance(schema.get("description"), str):
        refined["description"] = " ".join(str(schema["description"]).split())
    members = schema.get("properties")
    if isinstance(members, dict):
        more = REFINEMENTS.get(name, {})
        refined["properties"] = members | {member: _merge(members[member], more[member]) for member in more}
    return refined


def _merge(schema: JsonSchema, more: JsonSchema) -> JsonSchema:
    """The constraint at the place it speaks of: the branch that is not null, the items of an array, or the value."""
    branches = schema.get("anyOf")
    if isinstance(branches, list):
        merged = [branch if branch == {"type": "null"} else _merge(branch, more) for branch in branches]
        return {**schema, "anyOf": merged}
    items = schema.get("items")
    if isinstance(items, dict) and not _OF_ARRAYS & more.keys():
        return {**schema, "items": {**items, **more}}
    return {**schema, **more}
