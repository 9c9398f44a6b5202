"""What an answer adds beside its decision: guidance where it matters, and what to write down.

Both are data (`agreements/catalogue/guidance.json` and `recording.json`). When an item speaks is one name of a closed
set, which `domain/decisions/guidance.py` and `recording.py` know how to tell: never an expression language.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

# When guidance is given. All but the first three are told from the question and its answer alone.
Occasion = Literal[
    "row-says",             # a matrix row names it among its cautions
    "row-says-outside-law-enforcement",  # the same, where a competent authority acts under the UK GDPR
    "purpose-says",         # a purpose names it
    "limited-use",          # the matrix calls this kind of body's sharing for the purpose limited
    "rare-use",             # or rare
    "asking",               # somebody is to be asked
    "child-may-decide",     # consent or agreement plays a part, and a child is concerned
    "child-refused",        # somebody said no, a child is concerned, and sharing may still go on
    "parent-suspected",     # a parent or carer is a suspect or convicted
    "child-suspected",      # a child is a suspect or convicted
    "several-people",       # several people, associates or an exploitation network are concerned
    "adult-at-risk",
    "sexual-health",
    "intelligence",
    "referrer",             # professional details are among the categories
    "images",
    "immigration",
    "safe-addresses",       # domestic abuse and somebody's whereabouts are among the categories
    "beyond-the-minimum",   # more is asked about than the schedule calls normally enough
    "recipient-not-here",   # the recipient is not registered
    "commissioned-provider",
    "recognised-interest",  # the basis is Article 6(1)(ea)
    "balancing",            # the basis is Article 6(1)(f)
    "on-a-meeting",         # the purpose's work is done in multi-agency meetings, and this may be shared
    "worried",              # nothing may simply be shared, or it is urgent
    "law-not-yet-checked",  # a provision of the answer's basis or reasons is not verified by a person
    "choice-not-yet-checked",  # every such provision is, and the matrix row that chose them is not
]  # fmt: skip

NAMED: frozenset[Occasion] = frozenset({"row-says", "row-says-outside-law-enforcement", "purpose-says"})
OF_CONFIDENCE: frozenset[Occasion] = frozenset({"law-not-yet-checked", "choice-not-yet-checked"})
"""Told from the law in an answer's basis and reasons, by `domain/decisions/confidence.py`. Their texts may name
`{checked}` and `{points}`: how many of how many provisions a person has checked."""

# When a field belongs in the record of a decision.
Recorded = Literal[
    "always",
    "shared",
    "not-shared",
    "personal-data",
    "immediate-danger",
    "consent-plays-a-part",
    "duty-relied-on",
    "paragraph-18-relied-on",
    "policy-document-relied-on",
    "law-enforcement-body-under-uk-gdpr",
    "health-body",
    "detriment-considered",
    "family-not-told",
    "several-people",
    "request",
    "one-off",
]


class GuidanceItem(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A few plain sentences for a practitioner, given on one occasion.

    `cites` names provisions and guidance of the catalogue; `topic` the subject whose clause in the agreements it
    links to; `purposes` those it is for (empty: all).
    """

    code: str
    when: Occasion
    title: str
    text: str
    cites: tuple[str, ...] = ()
    topic: str | None = None
    purposes: tuple[str, ...] = ()


class RecordField(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Something that the record of a decision holds, for these outcomes (empty: all), when the name holds."""

    code: str
    label: str
    when: Recorded
    outcomes: tuple[str, ...] = ()
