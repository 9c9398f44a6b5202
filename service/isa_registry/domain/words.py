"""The sentences of every answer, as data beside the law: `agreements/catalogue/words.json`.

A template may name the placeholders of `PLACEHOLDERS` and nothing else. The keys of each table are those that the
rules of `domain/decisions` speak; the loader refuses a file that lacks one or has one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from string import Formatter
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

PLACEHOLDERS = frozenset(
    {
        "recipient",
        "provider",
        "adviser",
        "request",
        "power",
        "s16la_standing",
        "duty",
        "duty_standing",
        "until_checked",
        "contacts",
        "day",
        "kind",
    }
)


class ReasonWords(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A reason's template, and the topic whose clauses in the agreements it cites."""

    text: str
    topic: str | None = None


class MissingWords(Struct, frozen=True, forbid_unknown_fields=True):
    """What is missing, whether one needs it to be lawful or for a good record, and who can mend it."""

    text: str
    needed: Literal["to-be-lawful", "good-record"]
    who: Literal["you", "your-ig-lead", "their-ig-lead"]


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Every template. `why` says what to ask an adviser about; `who` names advisers; `passed` says what a rule saw
    where it neither decided nor added anything; `facts` and `outcomes` make the sentence that says what one more fact
    would change; `phrases` are parts of sentences.
    """

    headlines: dict[str, str]
    reasons: dict[str, ReasonWords]
    conditions: dict[str, str]
    missing: dict[str, MissingWords]
    consent: dict[str, str]
    inform: dict[str, str]
    why: dict[str, str]
    who: dict[str, str]
    passed: dict[str, str]
    phrases: dict[str, str]
    facts: dict[str, str] = {}
    outcomes: dict[str, str] = {}


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYS: dict[str, frozenset[str]] = {
    "headlines": _codes("""
        immediate-danger court-order court-restriction restricted-record not-personal-data statutory-request
        may-be-unreasonable more-detrimental confirm-detriment duty-engaged consent-needed consent-urgent
        agreement-needed agreement-needed-urgent consent-refused consent-withdrawn consent-refused-duty-open
        consent-withdrawn-duty-open consent-refused-channel consent-withdrawn-channel anonymise-instead
        anonymise-first agreement-covers no-agreement-needed express-power consent-given some-categories-held
        seek-advice consent-register-unavailable
        """),
    "reasons": _codes("""
        immediate-danger court-order court-restriction court-rules-check restricted-record not-anonymous
        not-personal-data statutory-request may-be-unreasonable request-does-not-bind request-not-in-force
        more-detrimental confirm-detriment duty-engaged duty-engaged-where-it-may-help duty-may-be-engaged
        consent-needed agreement-needed unsafe-to-ask child-goes-alone consent-refused consent-withdrawn
        anonymise-instead anonymise-first
        agreement-covers no-agreement-needed express-power consent-given some-categories-held
        recipient-not-registered agreement-not-in-force provider-not-signatory recipient-not-signatory
        tier-1-lapsed purpose-not-covered category-not-covered no-basis-known consent-register-unavailable
        """),
    "conditions": _codes("""
        minimum-necessary need-to-know separate-fact-from-opinion agreement-refused ask-safely concern-changes-answer
        tell-the-family do-not-tell-the-family consider-detriment record-one-off court-rules-check third-parties
        pseudonymise originator-check late-entry call-999 only-those-who-can-act review-by-lead
        notify-without-identity
        """),
    "missing": _codes("""
        para18-reason appropriate-policy-document s36-4-authority lawful-basis-record lawful-basis-record-lapsed
        recipient-lawful-basis-record recipient-lawful-basis-record-lapsed confidentiality-route consent-record dpia
        """),
    "consent": _codes("""
        danger unsafe ask-the-basis ask-the-basis-urgent ask-agreement-to-service ask-agreement-to-service-urgent
        not-the-basis the-basis-refused the-basis-given the-basis-not-now agreement-to-service-refused
        agreement-to-service-decides agreement-to-service-given agreement-to-service-open
        agreement-to-service-not-now
        """),
    "inform": _codes("""
        after not-personal no privacy-notice unsafe yes safe unless-unsafe case-by-case yes-if-shared safe-if-shared
        unless-unsafe-if-shared case-by-case-if-shared parent-suspected
        """),
    "why": _codes("""
        emergency court-order court-restriction restricted-record may-be-unreasonable statutory-request
        more-detrimental confirm-detriment duty-open refused channel-refused anonymise-instead anonymise-first
        some-categories-held seek-advice urgent urgent-but-decided consent-register-unavailable
        """),
    "who": _codes("emergency legal-adviser anybody out-of-hours"),
    "passed": _codes("""
        immediate-danger restriction anonymised statutory-request detriment duty agreement-or-consent
        anonymise-first lawful-and-agreed ask-for-advice
        """),
    "facts": _codes("""
        would-help-recipient relates-to-child relates-to-no-child consent-given consent-refused
        agreement-to-service-given agreement-to-service-refused para18-reason informing-increases-risk anonymised
        not-anonymised support-stage law-enforcement-purpose no-law-enforcement-purpose more-detrimental-to-share
        detriment-confirmed-by statutory-request
        """),
    "outcomes": _codes("share-now duty-to-share may-share ask-consent seek-advice do-not-share"),
    "phrases": _codes("""
        in-force not-yet-checked reported-in-force until-checked that-provision recipient-of-kind recipient-unknown
        provider-unknown
        """),
}


def completed(words: Words) -> Words:
    """The tables with plain words for every key that they lack: a catalogue in the log may be older than a rule that
    speaks it. `faults_of` says that they lack it, so nothing is published without words of its own."""
    lacking = {
        table: {key: _PLAIN[table](key.replace("-", " ")) for key in keys if key not in getattr(words, table)}
        for table, keys in KEYS.items()
    }
    return replace(words, **{table: {**getattr(words, table), **plain} for table, plain in lacking.items() if plain})


def _sentence(key: str) -> str:
    return f"{key[:1].upper()}{key[1:]}."


_PLAIN: dict[str, Callable[[str], object]] = {
    "headlines": lambda key: f"Read the reasons, and ask {{adviser}} where they leave you in doubt ({key}).",
    "reasons": lambda key: ReasonWords(_sentence(key)),
    "conditions": _sentence,
    "missing": lambda key: MissingWords(_sentence(key), needed="good-record", who="your-ig-lead"),
    "consent": _sentence,
    "inform": _sentence,
    "why": _sentence,
    "who": lambda key: f"your {key}",
    "passed": _sentence,
    "facts": lambda key: f"if this were known ({key})",
    "outcomes": lambda key: f"the answer would be to {key}",
    "phrases": lambda key: key,
}


def templates(words: Words) -> Iterator[tuple[str, str, str]]:
    """Every template as table, key and text."""
    for table in KEYS:
        for key, value in getattr(words, table).items():
            yield table, key, value if isinstance(value, str) else value.text


def faults_of(words: Words, topics: frozenset[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with the tables, as JSON pointer and sentence. `topics` are those that agreements may name."""
    for table, keys in KEYS.items():
        there = set(getattr(words, table))
        for key in sorted(keys - there):
            yield f"/{table}", f"there are no words for {key}"
        for key in sorted(there - keys):
            yield f"/{table}/{key}", "no rule speaks this"
    for table, key, text in templates(words):
        try:
            named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        except ValueError:
            yield f"/{table}/{key}", "a brace without its pair"
            continue
        for name in sorted(named - PLACEHOLDERS):
            yield f"/{table}/{key}", f"there is no placeholder {name}"
    for key, reason in words.reasons.items():
        if reason.topic is not None and reason.topic not in topics:
            yield f"/reasons/{key}/topic", f"agreements have no topic {reason.topic}"
