"""What to think of before an event is given to the person that it is about, or to somebody who asks for them.

A warning is a code with words, the codes of the event that gave rise to it, and the law behind it with how sure it is.
It informs a person who decides. That there is none says nothing: the registry does not know the case.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from isa_registry.domain.casework.access_law import ACCESS_LAW, AccessLaw
from isa_registry.domain.sharing import SharingEvent, WithheldCategory

CHILDREN = frozenset({"child", "unborn-child", "other-child"})
_HEALTH = frozenset({"health", "mental-health", "self-harm", "sexual-health", "substance-use"})
_OF_OTHERS = frozenset({"family", "exploitation-network"})
_ABUSE = frozenset({"risk-assessment", "exploitation-network", "modern-slavery", "domestic-abuse", "radicalisation"})
_ABUSE_PURPOSES = frozenset({
    "child-protection-enquiry", "pre-birth", "harm-outside-the-home", "missing-now", "missing-return-interview",
    "modern-slavery-referral", "prevent-channel", "practice-review",
})  # fmt: skip
_ENFORCEMENT = frozenset({"crime-prevention", "mappa"})
_RISKY_REASONS = frozenset({"increases-risk", "prejudices-enquiry"})
_COURTS = frozenset({"court-papers", "court-order-forbids", "adoption-record"})


class Warned(Struct, frozen=True):
    """One warning. `because` are the facts of the event that it rests on, as member and code: `informed:no`."""

    code: str
    text: str
    because: tuple[str, ...]
    law: tuple[AccessLaw, ...]


class Known(Struct, frozen=True):
    """What the body knows of one of its events: the event, its list of what was withheld, the `restriction` that the
    check before it named, whether the other party is a competent authority (DPA 2018 s.30), and what has become of it:
    events that correct it, and whether it is announced for erasure."""

    event: SharingEvent
    withheld: tuple[WithheldCategory, ...] | None = None
    restriction: str | None = None
    with_competent_authority: bool = False
    corrected_by: tuple[str, ...] = ()
    erasure_announced: bool = False


class _Rule(Struct, frozen=True):
    code: str
    text: str
    law: tuple[str, ...]
    because: Callable[[Known], list[str]]


def warnings_of(known: Known) -> tuple[Warned, ...]:
    """The warnings of an event, in the order of the table."""
    found = [(rule, tuple(rule.because(known))) for rule in _RULES]
    return tuple(
        Warned(rule.code, rule.text, because, tuple(ACCESS_LAW[code] for code in rule.law))
        for rule, because in found
        if because
    )


def _tipping_off(known: Known) -> list[str]:
    event, informed = known.event, known.event.informed
    found = [f"withheld:{one}" for one in _withheld(known, "live-investigation")]
    if informed.family == "no":
        found.append(f"informed:{informed.reason or 'no'}")
    elif informed.family == "later" and informed.reason in _RISKY_REASONS:
        found.append(f"informed:{informed.reason}")
    if event.para18_reason == "would-prejudice":
        found.append("para18_reason:would-prejudice")
    if event.childs_view == "not-safe-to-seek":
        found.append("childs_view:not-safe-to-seek")
    return found


def _law_enforcement(known: Known) -> list[str]:
    event = known.event
    found = [f"purpose:{event.purpose}"] if event.purpose in _ENFORCEMENT else []
    return found + [f"part_3:{code}" for code in event.basis.part_3]


def _others_hold_it(known: Known) -> list[str]:
    return ["party:competent-authority"] if known.with_competent_authority else []


def _third_parties(known: Known) -> list[str]:
    event = known.event
    found = [f"subjects:{len(event.subjects)}"] if len(event.subjects) > 1 else []
    if any("witness" in one.roles for one in event.subjects):
        found.append("role:witness")
    return found + _categories(known, _OF_OTHERS)


def _source(known: Known) -> list[str]:
    found = [f"withheld:{one}" for one in _withheld(known, "source-protection", "risk-to-other")]
    return found + _restriction(known, frozenset({"source-protection"}))


def _in_confidence(known: Known) -> list[str]:
    found = [f"withheld:{one}" for one in _withheld(known, "confidentiality", "consent-refused")]
    if known.event.confidentiality_route == "public-interest":
        found.append("confidentiality_route:public-interest")
    return found


def _childs_wishes(known: Known) -> list[str]:
    view = known.event.childs_view
    return [f"childs_view:{view}"] if _about_a_child(known) and view in ("objects", "not-safe-to-seek") else []


def _abuse(known: Known) -> list[str]:
    if not _about_a_child(known):
        return []
    purpose = known.event.purpose
    found = [f"purpose:{purpose}"] if purpose in _ABUSE_PURPOSES else []
    return found + _categories(known, _ABUSE)


def _privilege(known: Known) -> list[str]:
    found = ["advice:legal-adviser"] if any(one.role == "legal-adviser" for one in known.event.advice) else []
    return found + _restriction(known, frozenset({"legal-privilege"}))


def _what_was_withheld(known: Known) -> list[str]:
    return [] if known.withheld is None else [f"decision:{known.event.decision}"]


def _corrected(known: Known) -> list[str]:
    found = [f"corrected_by:{one}" for one in known.corrected_by]
    return found if known.event.corrects is None else [*found, f"corrects:{known.event.corrects}"]


def _about_a_child(known: Known) -> bool:
    return any(one.kind in CHILDREN for one in known.event.subjects)


def _withheld(known: Known, *reasons: str) -> list[str]:
    return sorted({one.reason for one in known.withheld or () if one.reason in reasons})


def _restriction(known: Known, among: frozenset[str]) -> list[str]:
    return [f"restriction:{known.restriction}"] if known.restriction in among else []


def _all_categories(known: Known) -> set[str]:
    return {*known.event.categories, *(one.category for one in known.withheld or ())}


def _categories(known: Known, among: frozenset[str]) -> list[str]:
    return [f"category:{one}" for one in sorted(_all_categories(known) & among)]


_RULES = (
    _Rule(
        "tipping-off",
        "Somebody judged that the family or another must not learn of this yet. Confirming that it was shared can "
        "itself give that away. Ask whoever decided, and the other organisation, whether it still holds.",
        ("dpa-2018-sch2-para2", "dpa-2018-sch3-para21"),
        _tipping_off,
    ),
    _Rule(
        "law-enforcement",
        "This was shared for law enforcement. A competent authority answers under Part 3, not under the UK GDPR.",
        ("dpa-2018-s45-4", "dpa-2018-sch2-para2"),
        _law_enforcement,
    ),
    _Rule(
        "ask-the-other-first",
        "The other organisation enforces the law and may know of a live enquiry that you do not. Ask it before you "
        "give anything.",
        ("dpa-2018-sch2-para2",),
        _others_hold_it,
    ),
    _Rule(
        "third-parties",
        "This is about more people than one. Take out what identifies the others, unless they consent or it is "
        "reasonable without.",
        ("dpa-2018-sch2-para16",),
        _third_parties,
    ),
    _Rule(
        "protect-the-source",
        "Giving this could show who told, or put somebody at risk.",
        ("dpa-2018-sch2-para16",),
        _source,
    ),
    _Rule(
        "in-confidence",
        "Some of this was given in confidence. Ask whoever is owed it.",
        ("dpa-2018-sch2-para16",),
        _in_confidence,
    ),
    _Rule(
        "serious-harm-health",
        "Health information: the serious harm test comes first, with the opinion of the right health professional.",
        ("dpa-2018-sch3-para5",),
        lambda known: _categories(known, _HEALTH),
    ),
    _Rule(
        "serious-harm-social-work",
        "Social work information: the serious harm test comes first.",
        ("dpa-2018-sch3-para11",),
        lambda known: _categories(known, frozenset({"social-care", "risk-assessment"})),
    ),
    _Rule(
        "serious-harm-education",
        "Information from a pupil's record: the serious harm test comes first.",
        ("dpa-2018-sch3-para19",),
        lambda known: _categories(known, frozenset({"education"})),
    ),
    _Rule(
        "child-abuse-data",
        "This says that a child is or may be at risk. Where a parent asks, it is given only as far as that is in the "
        "child's best interests.",
        ("dpa-2018-sch3-para21",),
        _abuse,
    ),
    _Rule(
        "childs-wishes",
        "The child objected, or asking the child was not safe. Where a parent asks, think of what the child expects.",
        ("dpa-2018-sch3-para4",),
        _childs_wishes,
    ),
    _Rule(
        "legally-privileged",
        "A legal adviser was asked, or the information is privileged. Ask them before anything of it is given.",
        ("dpa-2018-sch2-para19",),
        _privilege,
    ),
    _Rule(
        "court-or-adoption",
        "Court papers, a court's order or an adoption record are behind this. The court's rules come first.",
        ("fpr-2010-pd12g", "dpa-2018-sch4-para3"),
        lambda known: _restriction(known, _COURTS),
    ),
    _Rule(
        "gender-recognition",
        "This touches somebody's gender recognition. Whoever learnt of it officially may pass it on only as the Act "
        "allows.",
        ("gra-2004-s22",),
        lambda known: _restriction(known, frozenset({"gender-recognition"})),
    ),
    _Rule(
        "what-was-withheld",
        "What was withheld, and why, is itself sensitive. It was never shown to the other organisation.",
        ("dpa-2018-sch2-para2", "dpa-2018-sch2-para16"),
        _what_was_withheld,
    ),
    _Rule(
        "corrected",
        "This corrects another event, or was corrected by one. Read them together.",
        (),
        _corrected,
    ),
    _Rule(
        "erasure-announced",
        "Its retention ends and it is announced for erasure. Ask for a legal hold if the request is not answered "
        "by then.",
        ("dpa-2018-s173",),
        lambda known: ["erasure:announced"] if known.erasure_announced else [],
    ),
)  # fmt: skip

WARNING_CODES = tuple(rule.code for rule in _RULES)
"""Every code of a warning, in the order in which they are given."""
