"""An example of every request that is taken; a test holds each to its schema and to the type that reads it."""

from __future__ import annotations

from isa_registry.api.examples import QUESTION, JsonObject

_REF = "s1_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
_SHA256 = "6d0db2245ff14c7f31591a5d134170d86a92d281430acd1c60b06a2825cb130a"
_SCHEDULE_SHA256 = "43ff45a50580e7cf8510498f39b80e5164b83c08e6332a01db292efc5f0a2e77"
_EVENT = "01999c3e-7c00-7000-8000-000000000001"
_WORKER: JsonObject = {"role": "social-worker", "ref": "SW-2207"}
_SIGNATORY: JsonObject = {"role": "siro", "ref": "POST-17"}

_SUBJECT: JsonObject = {"type": "organisation", "id": "durham-constabulary"}
_SHARE: JsonObject = {"name": "share"}
_TO_THE_COUNCIL: JsonObject = {"recipient": "durham-county-council"}
_MISSING: JsonObject = {
    "purpose": "missing-now",
    "urgency": "urgent",
    "subjects": [{"kind": "child", "roles": ["victim"]}],
    "circumstances": {"would_help_recipient": True},
}

OF_ASKING: dict[str, JsonObject] = {
    "BatchOfChecks": {"checks": [QUESTION]},
    "QuestionMatrix": {
        "provider": "durham-constabulary",
        "recipients": ["durham-county-council", "nenc-icb", {"kind": "faith"}],
        "purposes": ["harm-outside-the-home", "missing-now"],
        "categories": ["identity", "missing-episodes"],
        "subjects": [{"kind": "child"}],
        "record": False,
    },
    "ReplayRequest": {"against": "today"},
    "AuthzenEvaluation": {
        "subject": _SUBJECT,
        "action": _SHARE,
        "resource": {"type": "information", "id": "missing-episodes", "properties": _TO_THE_COUNCIL},
        "context": _MISSING,
    },
    "AuthzenEvaluations": {
        "subject": _SUBJECT,
        "action": _SHARE,
        "context": {**_MISSING, "record": False},
        "evaluations": [
            {"resource": {"type": "information", "id": "identity", "properties": _TO_THE_COUNCIL}},
            {"resource": {"type": "information", "id": "identity", "properties": {"recipient": "nenc-icb"}}},
        ],
        "options": {"evaluations_semantic": "execute_all"},
    },
    "AuthzenSubjectSearch": {
        "subject": {"type": "organisation"},
        "action": _SHARE,
        "resource": {"type": "information", "id": "missing-episodes", "properties": _TO_THE_COUNCIL},
        "context": _MISSING,
    },
    "AuthzenResourceSearch": {
        "subject": _SUBJECT,
        "action": _SHARE,
        "resource": {"type": "information", "properties": _TO_THE_COUNCIL},
        "context": _MISSING,
        "page": {"limit": 5},
    },
    "AuthzenActionSearch": {
        "subject": _SUBJECT,
        "resource": {"type": "information", "id": "missing-episodes", "properties": _TO_THE_COUNCIL},
        "context": _MISSING,
    },
}

_SAID: JsonObject = {
    "standing": {"by": "parental-responsibility", "shown_by": "parental-responsibility-on-record"},
    "childs_view": "agrees",
    "explicit": True,
    "statement": {"id": "EH-CONSENT-1", "version": "3", "language": "en"},
    "method": "in-person",
    "evidence": "DOC-88121",
    "recorded_by": _WORKER,
    "review_on": "2027-09-30",
}

OF_CASES: dict[str, JsonObject] = {
    "ConsentRequest": {
        "answer": "given",
        "subject": {"kind": "child", "ref": _REF},
        "role": "agreement-to-service",
        "scope": {"purposes": ["early-help"], "recipients": ["harbour"], "categories": ["identity", "contact"]},
        **_SAID,
    },
    "ConsentSearch": {"references": [_REF], "status": ["given"]},
    "RenewalRequest": _SAID,
    "WithdrawalRequest": {"by": "parental-responsibility", "method": "telephone", "recorded_by": _WORKER},
    "InvalidationRequest": {"reason": "recorded-in-error", "recorded_by": _WORKER},
    "SharingEvent": {
        "v": 1,
        "registry": "registry.example.org/durham",
        "partnership": "durham",
        "id": _EVENT,
        "decision": "part-shared",
        "provider": "durham-constabulary",
        "recipient": "durham-county-council",
        "purpose": "harm-outside-the-home",
        "categories": ["identity", "missing-episodes"],
        "withheld_sha256": "0f" * 32,
        "subjects": [{"kind": "child", "roles": ["victim"], "ref": _REF}],
        "urgency": "routine",
        "check": "chk_01999c3e7c0070008000000000000001",
        "agreement": {"id": "tier-2-hoth", "version": "1.0"},
        "basis": {
            "article_6": ["art6-1-e"],
            "article_9": ["art9-2-g", "dpa-2018-sch1-para18"],
            "article_10": [],
            "part_3": [],
            "gateways": ["ca-2004-s11"],
        },
        "para18_reason": "would-prejudice",
        "s36_4_authority": None,
        "confidentiality_route": None,
        "duty": {"would_help_recipient": True, "more_detrimental": False},
        "consent": "not-sought",
        "informed": {"family": "no", "reason": "increases-risk"},
        "childs_view": "not-safe-to-seek",
        "advice": [{"role": "named-professional", "outcome": "share"}],
        "approved_by": None,
        "decided_by": {"role": "police-officer", "ref": "PNN-4411"},
        "decided_at": "2026-11-23T09:30:00.000Z",
        "shared_at": "2026-11-23T09:41:00.000Z",
        "method": "case-system",
        "marking": "official-sensitive",
        "request": None,
        "case_record": "CMS-1234",
        "retention": None,
        "review_on": "2026-12-07",
        "late_entry": False,
        "corrects": None,
    },
    "Withheld": {
        "v": 1,
        "registry": "registry.example.org/durham",
        "partnership": "durham",
        "event": _EVENT,
        "withheld": [{"category": "intelligence", "reason": "live-investigation"}],
    },
    "Acknowledgement": {
        "v": 1,
        "registry": "registry.example.org/durham",
        "partnership": "durham",
        "event": _EVENT,
        "event_sha256": "1e" * 32,
        "recipient": "durham-county-council",
        "received_at": "2026-11-23T10:05:00.000Z",
        "matches": True,
    },
    "EventSearch": {"references": [_REF], "side": "provider", "decided_from": "2026-09-01", "limit": 50},
    "EventExport": {"purpose": "harm-outside-the-home", "decided_from": "2026-07-01", "format": "csv"},
    "AccessSearch": {"references": [_REF, "CMS-1234"]},
    "RaiseChallenge": {
        "other": "durham-constabulary",
        "about": {"kind": "request", "id": "REQ-2026-114"},
        "ground": "not-answered",
        "raised_by": _WORKER,
        "case_record": "CMS-1234",
    },
    "TakeStep": {"step": "answer-shares", "stage": "stage-one", "taken_by": {"role": "team-manager", "ref": "PNN-90"}},
    "ErasureRequest": {"entry": 1234, "reason": "recorded-in-error"},
    "NewScaling": {"quarter": "2026-Q3", "question": "sharing-in-time", "value": 7},
}

_RECORD: JsonObject = {
    "name": "Example Primary School",
    "kind": "maintained-school",
    "contacts": {"out-of-hours": "Office, 0191 496 0000"},
    "policy_document": {"reference": "APD-2026-1", "review_on": "2027-09-30"},
    "ico_registration": "ZA123456",
}

OF_BODIES: dict[str, JsonObject] = {
    "NewOrganisation": {"organisation": "example-primary-school", **_RECORD},
    "ChangedRecord": {**_RECORD, "changed_from": 1234},
    "OwnParticulars": {
        "changed_from": 1234,
        "contacts": {"out-of-hours": "Office, 0191 496 0000"},
        "ico_registration": "ZA123456",
    },
    "NewSuspension": {"on": "2026-12-01"},
    "NewClosure": {"on": "2027-08-31", "successor": "example-academy"},
    "NewDelegation": {
        "to": "example-academy-trust",
        "agreements": ["tier-1"],
        "starts": "2026-12-01",
        "until": "2027-11-30",
    },
    "EndedDelegation": {"on": "2027-03-31"},
    "NewPartnership": {"partnership": "durham", "name": "Durham Partnership", "lead_body": "durham-county-council"},
    "ChangedPartnership": {"name": "Durham Partnership", "lead_body": "durham-county-council", "changed_from": 1234},
    "PartnershipMember": {"organisation": "example-primary-school"},
    "NewInvitation": {
        "organisation": "example-primary-school",
        "name": "Example Primary School",
        "kind": "maintained-school",
        "address": "office@school.example",
    },
    "InvitationSending": {"address": "office@school.example"},
    "InvitationConfirmation": {"sha256": _SHA256},
    "NewRole": {
        "issuer": "https://login.agency.example",
        "subject": "8f14e45f-ceea-467f",
        "role": "ig-lead",
        "until": "2027-11-30",
    },
    "EndedRole": {"issuer": "https://login.agency.example", "subject": "8f14e45f-ceea-467f", "role": "ig-lead"},
    "NewClient": {"client": "case-system", "scopes": ["checks:ask", "events:write", "events:read"]},
    "EndedClient": {"client": "case-system"},
    "NewIssuer": {
        "issuer": "https://login.agency.example",
        "audiences": ["urn:isa-registry"],
        "algorithms": ["ES256"],
        "profile": "rfc9068",
        "sign_in": {"client": "isa-registry", "authentication": "private_key_jwt"},
        "roles_from": [{"claim": "groups", "value": "safeguarding", "role": "practitioner"}],
    },
    "EndedIssuer": {"issuer": "https://login.agency.example"},
    "Decision": {"sha256": _SHA256},
    "NewLawfulBases": {
        "purposes": [{"agreement": "tier-1", "purpose": "early-help"}],
        "starts": "2026-12-01",
        "approved_by": "data-protection-officer",
    },
    "EndedLawfulBasis": {"on": "2026-12-31"},
    "OwnRules": {
        "rules": [
            {
                "code": "events-six-years",
                "kind": "sharing-event.recorded",
                "starts": "decision",
                "schedule": "RETENTION-2026-4",
                "years": 6,
            }
        ]
    },
    "NewNoticeAddress": {"role": "ig-lead", "address": "information-governance@agency.example"},
    "NoticeAddressId": {"id": "adr_01999c3e7c0040008000000000000001"},
    "NoticeDeliveryId": {"delivery": "msg_01999c3e7c0040008000000000000001"},
    "NewWebhook": {"url": "https://hooks.agency.example/isa", "kinds": ["agreement.*", "sharing-event.recorded"]},
}

OF_AGREEMENTS: dict[str, JsonObject] = {
    "DraftReturn": {"reason": "words-unclear"},
    "DraftHashes": {"text_sha256": _SHA256, "schedule_sha256": _SCHEDULE_SHA256},
    "VersionPublication": {
        "draft": "agd_01999c3e7c0070008000000000000001",
        "text_sha256": _SHA256,
        "schedule_sha256": _SCHEDULE_SHA256,
    },
    "VersionOpening": {
        "parties": ["durham-county-council", "durham-constabulary", "nenc-icb"],
        "rule": {"on": "2027-04-01", "quorum": 2, "bodies": ["durham-county-council"]},
    },
    "VersionInForce": {"on": "2027-04-01", "review_due": "2029-04-01"},
    "VersionSuspension": {"on": "2026-12-01", "reason": "law-changed"},
    "VersionResumption": {"on": "2027-01-04"},
    "VersionWithdrawal": {"on": "2027-04-01", "reason": "replaced", "successor": "1.1"},
    "VersionReview": {"on": "2027-05-20", "outcome": "stays-as-it-is", "review_due": "2028-06-01"},
    "NewCompanion": {"companion": "summary", "language": "en", "text": "# In short\n\nWho shares what, and why.\n"},
    "AttestationDocument": {
        "v": 1,
        "registry": "registry.example.org/durham",
        "partnership": "durham",
        "agreement": "tier-1",
        "version": "1.0",
        "text_sha256": _SHA256,
        "schedule_sha256": _SCHEDULE_SHA256,
        "organisation": "durham-constabulary",
        "signatory": _SIGNATORY,
        "consulted": [{"role": "data-protection-officer", "on": "2026-11-20"}],
        "authority": {"code": "office-holder", "reference": "SCHEME-2026-3"},
        "reservations": [],
        "attested_at": "2026-11-23T09:30:00.000Z",
        "signed_by": "organisation",
    },
    "AttestationWish": {
        "text_sha256": _SHA256,
        "schedule_sha256": _SCHEDULE_SHA256,
        "signatory": _SIGNATORY,
        "authority": {"code": "office-holder", "reference": "SCHEME-2026-3"},
        "consulted": [{"role": "data-protection-officer", "on": "2026-11-20"}],
    },
    "AttestationWithdrawal": {"on": "2027-03-31", "reason": "no-longer-shares"},
    "Refusal": {"reason": "terms-not-acceptable"},
    "InvitedBody": {"organisation": "cafcass"},
    "NewQuery": {"question": "how-in-practice", "clause": "5.3", "reference": "Q-2026-7"},
    "QueryAnswer": {"answer": "see-clause", "clause": "5.4"},
    "LinksToCheck": {"links": ["https://registry.example.org/agreements/tier-2-hoth/1.0#9.3", "tier-2-hoth/1.0#14.2"]},
    "NewVerification": {
        "sha256": _SHA256,
        "source": "https://www.legislation.gov.uk/ukpga/2004/31/section/11",
        "checked_on": "2026-11-20",
        "profession": "solicitor",
        "provision": "ca-2004-s11",
    },
    "EndedVerification": {"reason": "law-changed", "provision": "ca-2004-s11"},
}

EXAMPLES_OF_REQUESTS: dict[str, JsonObject] = {**OF_ASKING, **OF_CASES, **OF_BODIES, **OF_AGREEMENTS}
