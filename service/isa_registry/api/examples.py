"""Examples in the published interface. Tests decode each with its own type and put the question to the engine."""

from __future__ import annotations

JsonObject = dict[str, object]

QUESTION: JsonObject = {
    "provider": "durham-constabulary",
    "recipient": "durham-county-council",
    "purpose": "harm-outside-the-home",
    "categories": ["identity", "intelligence", "missing-episodes"],
    "subjects": [{"kind": "child", "roles": ["victim"]}],
    "urgency": "routine",
    "circumstances": {
        "would_help_recipient": True,
        "more_detrimental_to_share": False,
        "informing_increases_risk": True,
        "consent": "not-sought",
        "para18_reason": "would-prejudice",
    },
}

ANSWER: JsonObject = {
    "id": "chk_01999c3e7c0070008000000000000001",
    "decided_at": "2026-11-23T09:30:00.000Z",
    "outcome": "duty-to-share",
    "headline": "Share this with Durham County Council: your organisation has a duty to.",
    "reasons": [
        {
            "code": "duty-engaged",
            "text": "Children Act 2004 s.16LA: duty to share, reported in force from 30 "
            "September 2026, not yet checked by a person. It obliges your organisation "
            "to share what may help Durham County Council to protect the child. Until a "
            "person has checked that, your own lawful basis is listed after it.",
            "cites": ["ca-2004-s16la", "tier-2-hoth/1.0#5.3"],
        }
    ],
    "regime": "uk-gdpr",
    "basis": {
        "article_6": ["art6-1-c", "art6-1-e"],
        "article_9": ["art9-2-g", "dpa-2018-sch1-para18", "dpa-2018-sch1-para6"],
        "article_10": [
            "dpa-2018-sch1-para18",
            "dpa-2018-sch1-para10",
            "dpa-2018-sch1-para36",
            "art10-official-authority",
        ],
        "part_3": [],
        "gateways": [
            "ca-2004-s16la",
            "common-law-police",
            "ca-2004-s11",
            "ca-2004-s16e",
            "cda-1998-s115",
            "pcsca-2022-s16",
        ],
    },
    "duty": {"provision": "ca-2004-s16la", "engaged": True, "verified": False},
    "consent": {
        "role": "not-the-basis",
        "seek": "must-not",
        "text": "Do not ask for consent: asking could raise the risk.",
    },
    "inform": {
        "expected": "unless-unsafe",
        "now": False,
        "text": "Do not tell the family now: it could raise the risk. Look at this again later.",
    },
    "conditions": [
        {"code": "minimum-necessary", "text": "Share what is needed for this purpose and no more."},
        {"code": "need-to-know", "text": "Share it only with people who need it to do their part."},
        {"code": "separate-fact-from-opinion", "text": "Say what is fact, what is opinion, and how reliable each is."},
        {"code": "originator-check", "text": "Check with whoever the information came from before passing it on."},
        {
            "code": "do-not-tell-the-family",
            "text": "Do not tell the family now. Record why, and when that will be looked at again.",
        },
    ],
    "missing": [
        {
            "code": "s36-4-authority",
            "needed": "to-be-lawful",
            "who": "you",
            "text": "If it was collected for law enforcement, say which law authorises using it "
            "for this (Data Protection Act 2018 section 36(4)).",
        }
    ],
    "to_record": [
        "decision",
        "reasons",
        "what-was-shared",
        "with-whom",
        "when-and-how",
        "lawful-basis",
        "family-informed",
        "childs-view",
        "duty-considered",
        "para18-reason",
        "s36-4-authority",
    ],
    "agreements": [
        {
            "agreement": "tier-2-hoth",
            "version": "1.0",
            "clause": "5.3",
            "url": "/agreements/tier-2-hoth/1.0#5.3",
            "sha256": "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
        }
    ],
    "categories": [
        {"code": "identity", "special": False, "criminal": False, "outcome": "duty-to-share"},
        {"code": "intelligence", "special": False, "criminal": True, "outcome": "duty-to-share"},
        {"code": "missing-episodes", "special": False, "criminal": False, "outcome": "duty-to-share"},
    ],
    "advice": [],
    "guidance": [
        {
            "code": "intelligence-handling",
            "title": "Intelligence",
            "text": "Share intelligence with its grading and handling conditions, and never in a form that shows its "
            "source.",
            "cites": ["dpa-2018-s38", "tier-2-hoth/1.0#7.5"],
            "url": "/agreements/tier-2-hoth/1.0#7.5",
        }
    ],
    "register": {
        "log_size": 1234,
        "root": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "catalogue": "sha256:0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f",
        "engine": "3",
    },
    "recorded": True,
    "stale": False,
    "receipt": "/api/v1/checks/chk_01999c3e7c0070008000000000000001/receipt",
    "explained": None,
    "one_more_fact": None,
}

REVOCATION: JsonObject = {"reason": "superseded", "suspect_from": None}

# Signed with the key of RFC 8037 appendix A, for a registry that is not there: good for nothing and nobody.
_PROOF = (
    "eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiZHVyaGFtLWNvdW50eS1jb3VuY2lsLTIwMjYiLCJ0eXAiOiJpc2Eta2V5LXByb29mK2p3cyJ9.eyJra"
    "WQiOiJkdXJoYW0tY291bnR5LWNvdW5jaWwtMjAyNiIsIm1hZGVfYXQiOiIyMDI2LTExLTIzVDA5OjMwOjAwLjAwMFoiLCJvcmdhbmlzYXRpb24"
    "iOiJkdXJoYW0tY291bnR5LWNvdW5jaWwiLCJwYXJ0bmVyc2hpcCI6ImR1cmhhbSIsInJlZ2lzdHJ5IjoicmVnaXN0cnkuZXhhbXBsZS5vcmcvZ"
    "HVyaGFtIiwic2lnbmF0b3J5IjpudWxsLCJ0aHVtYnByaW50Ijoia1ByS19xbXhWV2FZVkE5d3dCRjZJdW8zdlZ6ejdUeEhDVHdYQnlnclM0ayI"
    "sInVzZXMiOlsiZXZlbnQiXSwidiI6MX0.4T7becXcLQhwTLQ-"
    "xr4Fj5lRqjnEeNxwVFPBIt7qyGhamMZCHpGeXYXwF8Wyp8WqUGxDtOGBqk01qdMnFfFBDA"
)

NEW_KEY: JsonObject = {
    "kid": "durham-county-council-2026",
    "algorithm": "Ed25519",
    "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    "uses": ["event"],
    "proof": _PROOF,
}

NEW_BASIS: JsonObject = {
    "agreement": "tier-2-hoth",
    "purpose": "harm-outside-the-home",
    "approved_by": "siro",
    "article_6": ["art6-1-e"],
    "article_9": ["art9-2-g", "dpa-2018-sch1-para18"],
    "article_10": ["dpa-2018-sch1-para18"],
    "gateways": ["ca-2004-s11"],
    "starts": "2026-12-01",
    "dpia": "DPIA-2026-11",
    "supersedes": "lb_01999c3e7c0070008000000000000001",
}

EXAMPLES: dict[str, JsonObject] = {
    "NewLawfulBasis": NEW_BASIS,
    "Question": QUESTION,
    "CheckResponse": ANSWER,
    "NewKey": NEW_KEY,
    "Revocation": REVOCATION,
}
"""By the name of the shape."""
