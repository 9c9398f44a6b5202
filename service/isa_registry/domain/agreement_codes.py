"""The closed lists of codes with which a decision about an agreement version says why, each with words for people."""

from __future__ import annotations

SUSPENSION_REASONS: dict[str, str] = {
    "law-changed": "The law that it rests on has changed",
    "breach-being-looked-into": "A breach is being looked into",
    "tier-1-not-in-force": "The Tier 1 agreement beneath it is not in force",
    "words-in-doubt": "The words or the schedule are in doubt",
    "too-few-signatories": "Too few bodies stand behind it",
    "asked-by-a-signatory": "A signatory asked for it",
}

WITHDRAWAL_REASONS: dict[str, str] = {
    "replaced": "Another version or agreement takes its place",
    "purpose-ended": "What it was made for has ended",
    "law-changed": "The law that it rests on has changed",
    "tier-1-withdrawn": "The Tier 1 agreement beneath it was withdrawn",
    "published-in-error": "It was published in error",
    "partnership-ended": "The partnership has ended",
}

REVIEW_OUTCOMES: dict[str, str] = {
    "stays-as-it-is": "It stays as it is",
    "stays-with-conditions": "It stays, and something beside it is put right",
    "new-version-needed": "A new version is to be drafted",
    "to-be-withdrawn": "It is to be withdrawn",
}

RETURN_REASONS: dict[str, str] = {
    "words-unclear": "The words are not clear enough",
    "clause-wrong": "A clause says something wrong",
    "schedule-wrong": "The schedule says something wrong",
    "law-wrong": "The law is not what it says",
    "not-agreed": "The partnership has not agreed this",
    "mistake-found": "A mistake was found after the check",
}
