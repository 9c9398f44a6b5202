"""Why the law closes a provision to a body, for a purpose on a day: one function, and the rules that it holds.

The rules add to the catalogue's own data (whom a provision binds, for which purposes, when it is in force) and to
`domain/bars.py` what the law says of purposes. They hold for records of bodies; an answer has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec import Struct

from isa_registry.domain.bars import BARS
from isa_registry.domain.catalogue import Provision, Use
from isa_registry.domain.lawful_bases.groups import LISTS, Member, candidates
from isa_registry.domain.lawful_bases.standing import Standing

DUTY_TO_SHARE = "ca-2004-s16la"
DUTIES = frozenset({"duty", "request-duty"})

_NO_CARE = frozenset({
    "crime-prevention", "mappa", "prevent-channel", "modern-slavery-referral", "practice-review", "quality-assurance",
})  # fmt: skip
_NO_HEALTH_PURPOSE = frozenset({"crime-prevention", "mappa", "prevent-channel", "modern-slavery-referral"})
_SECURITY = frozenset({"crime-prevention", "mappa", "prevent-channel"})


class Closed(Struct, frozen=True):
    """That something is not open to a body: a stable code, why in a sentence that says what to do, and the law."""

    code: str
    says: str
    source: str


class _Rule(NamedTuple):
    of: frozenset[str]
    closes: Callable[[Standing, str], bool]
    closed: Closed


def closed(standing: Standing, member: Member, code: str) -> Closed | None:
    """Why a code that belongs in a member of a record is not open there; None where it is."""
    if member == "confidentiality_route":
        return next(_by_rule(standing, code), None)
    if member == "s36_4_authority" and not standing.competent:
        return _NO_PART_3
    return next(_reasons(standing, member, code), None)


def _reasons(standing: Standing, member: Member, code: str) -> Iterator[Closed]:
    provision = standing.catalogue.provisions[code]
    yield from _not_in_force(standing, provision)
    yield from _barred(standing, code)
    yield from _by_rule(standing, code)
    yield from _part_3(standing, member)
    if member in ("gateways", "s36_4_authority"):
        yield from _reach(standing, member, provision)


def _not_in_force(standing: Standing, provision: Provision) -> Iterator[Closed]:
    if not provision.in_force_on(standing.day):
        yield Closed(
            "not-in-force",
            "This is not in force on the record's first day. Choose what is, and record this once it is in force.",
            provision.title,
        )


def _barred(standing: Standing, code: str) -> Iterator[Closed]:
    for bar in BARS:
        if bar.provision == code and bar.bars(standing.like):
            yield Closed(bar.name, f"{bar.says} Choose another.", bar.source)
    if standing.like.public and "non-public-bodies-only" in standing.catalogue.provisions[code].limits:
        says = "This belongs to Article 6(1)(ea), which is not for public authorities in their tasks. Use (e) instead."
        yield Closed("not-for-public-bodies", says, "UK GDPR Article 6(1), second subparagraph")


def _part_3(standing: Standing, member: Member) -> Iterator[Closed]:
    if member == "part_3" and not standing.competent:
        yield _NO_PART_3


def _by_rule(standing: Standing, code: str) -> Iterator[Closed]:
    return (rule.closed for rule in _RULES if code in rule.of and rule.closes(standing, code))


def _reach(standing: Standing, member: Member, provision: Provision) -> Iterator[Closed]:
    """A duty, power or function must be this body's, for this purpose, and reach somebody who is registered here."""
    if "depersonalised-only" in provision.limits:
        says = "It is for information that points to nobody, so it lets no personal information go. Choose another."
        yield Closed("depersonalised-only", says, provision.title)
    providers = provision.providers
    like = {standing.kind.code, standing.like.code}
    if standing.kind.code in provision.except_providers or (providers is not None and like.isdisjoint(providers)):
        says = "This law does not bind or empower a body of this kind. Choose one that is yours."
        yield Closed("does-not-reach", says, provision.title)
    if provision.recipients == ():
        says = "Nobody who is registered here can ask under it or receive by it. Choose another."
        yield Closed("reaches-nobody", says, provision.title)
    # What authorises a new use need not serve it: it need only be law that this body acts under.
    served = provision.purposes if member == "gateways" or provision.purposes == () else None
    if served is not None and standing.purpose not in served:
        says = "This law is not for this purpose. Choose one that is."
        yield Closed("not-for-this-purpose", says, provision.title)
    if provision.code == DUTY_TO_SHARE:
        yield from _duty_to_share(standing)
    if member == "gateways" and not standing.named and _only_if_named(standing, provision.code):
        says = (
            "It is yours only where local arrangements name your organisation. Have the business unit say in your "
            "organisation's record that it is designated or commissioned, or choose another."
        )
        yield Closed("not-named-in-arrangements", says, provision.title)


def _duty_to_share(standing: Standing) -> Iterator[Closed]:
    source = "Children Act 2004 s.16LA(4)"
    if standing.kind.s16la == "not-in":
        yield Closed("not-in-the-list", "A body of this kind is not in the list of this duty. Choose another.", source)
    elif standing.kind.s16la == "unknown" and not standing.named and standing.like.s16la != "in":
        says = (
            "Whether the list of this duty names your organisation is not known. Have the business unit say in your "
            "organisation's record whether it is designated or commissioned."
        )
        yield Closed("listing-unknown", says, source)
    elif standing.row is None or DUTY_TO_SHARE not in standing.row.duties:
        says = "The duty is about a child's welfare, and is not engaged by this purpose. Choose another."
        yield Closed("not-for-this-purpose", says, "Children Act 2004 s.16LA(1)")


def _only_if_named(standing: Standing, code: str) -> bool:
    row = standing.row
    uses: tuple[Use, ...] = () if row is None else row.gateways
    found = [use.when for use in uses if use.code == code]
    return bool(found) and all(when == "named-in-arrangements" for when in found)


def duties_open(standing: Standing) -> tuple[str, ...]:
    """The duties that bind a body for a purpose, or could when somebody asks: what a legal obligation rests on."""
    provisions = standing.catalogue.provisions
    return tuple(
        code
        for code in candidates(standing.catalogue, "gateways")
        if provisions[code].kind in DUTIES
        and "not-a-disclosure-power" not in provisions[code].limits
        and closed(standing, "gateways", code) is None
    )


def _consent_in_the_row(standing: Standing, code: str) -> bool:
    row = standing.row
    if row is None:
        return False
    uses = (use for member in LISTS for use in getattr(row, member))
    return any(use.code == code and use.when == "consent-is-the-basis" for use in uses)


def _in_the_row(standing: Standing, code: str) -> bool:
    row = standing.row
    return row is not None and any(use.code == code for use in (*row.article_9, *row.article_10))


_NO_PART_3 = Closed(
    "not-a-competent-authority",
    "Part 3 is for competent authorities alone, and this body is none. Leave it out.",
    "Data Protection Act 2018 s.30 and Schedule 7",
)

_RULES: tuple[_Rule, ...] = (
    _Rule(
        frozenset({"art6-1-b"}),
        lambda *_: True,
        Closed(
            "no-contract",
            "Nobody shares to protect a child because of a contract with the child. Choose another point.",
            "UK GDPR Article 6(1)(b)",
        ),
    ),
    _Rule(
        frozenset({"art6-1-a", "art9-2-a", "dpa-2018-sch1-para29"}),
        lambda standing, code: not _consent_in_the_row(standing, code),
        Closed(
            "consent-is-not-the-basis",
            "You would share all the same, or the family is not free to refuse: asking for consent would mislead them. "
            "Choose another; agreement to a service is something else, and is recorded with each decision.",
            "UK GDPR Articles 4(11) and 7, and recital 43",
        ),
    ),
    _Rule(
        frozenset({"dpa-2018-s35-2-a", "dpa-2018-s35-4"}),
        lambda *_: True,
        Closed(
            "consent-is-not-the-basis",
            "Law enforcement work does not wait for consent. Rely on your task, s.35(2)(b), and for sensitive facts on "
            "s.35(5) with a condition of Schedule 8.",
            "Data Protection Act 2018 s.35(2) and (4)",
        ),
    ),
    _Rule(
        frozenset({"art6-1-c"}),
        lambda standing, _: not duties_open(standing),
        Closed(
            "no-duty-binds",
            "No duty in force obliges a body of this kind to share for this purpose. Choose another point.",
            "UK GDPR Article 6(1)(c) and (3)",
        ),
    ),
    _Rule(
        frozenset({"uk-gdpr-annex1-para3", "uk-gdpr-annex1-para4"}),
        lambda *_: True,
        Closed(
            "major-incident-only",
            "An emergency is a major incident here, and not one child's crisis. Use paragraph 6 or 5.",
            "UK GDPR Annex 1, paragraphs 3 and 4; Civil Contingencies Act 2004 Part 2",
        ),
    ),
    _Rule(
        frozenset({"uk-gdpr-annex1-para2"}),
        lambda standing, _: standing.purpose not in _SECURITY,
        Closed(
            "not-for-this-purpose",
            "This purpose is not national or public security, or defence. Use paragraph 6, 5 or 1.",
            "UK GDPR Annex 1, paragraph 2",
        ),
    ),
    _Rule(
        frozenset({"art9-2-h", "dpa-2018-sch1-para2"}),
        lambda standing, _: standing.purpose in _NO_HEALTH_PURPOSE,
        Closed(
            "not-health-or-social-care",
            "This purpose is not to provide or manage health or social care. Use Article 9(2)(g) with a paragraph of "
            "Part 2 of Schedule 1.",
            "UK GDPR Article 9(2)(h); Data Protection Act 2018 Schedule 1 paragraph 2",
        ),
    ),
    _Rule(
        frozenset({"art9-2-i", "dpa-2018-sch1-para3"}),
        lambda *_: True,
        Closed(
            "not-public-health",
            "None of these purposes is public health. Use Article 9(2)(g) with a paragraph of Part 2 of Schedule 1.",
            "UK GDPR Article 9(2)(i); Data Protection Act 2018 Schedule 1 paragraph 3",
        ),
    ),
    _Rule(
        frozenset({"art9-2-j", "dpa-2018-sch1-para4"}),
        lambda standing, _: standing.purpose != "quality-assurance",
        Closed(
            "not-research",
            "This purpose is not research or statistics. Use Article 9(2)(g) with a paragraph of Part 2 of Schedule 1.",
            "UK GDPR Article 9(2)(j); Data Protection Act 2018 Schedule 1 paragraph 4",
        ),
    ),
    _Rule(
        frozenset({"dpa-2018-sch1-para6"}),
        lambda standing, code: not standing.like.public and not _in_the_row(standing, code),
        Closed(
            "no-function-in-law",
            "Paragraph 6 needs a function that law gives, and a body of this kind has none for this purpose. Use "
            "paragraph 18 or 10.",
            "Data Protection Act 2018 Schedule 1 paragraph 6(2)",
        ),
    ),
    _Rule(
        frozenset({"art10-official-authority"}),
        lambda standing, _: not standing.like.public,
        Closed(
            "no-official-authority",
            "This body has no official authority. Name a condition of Schedule 1 instead.",
            "UK GDPR Article 10(1); Data Protection Act 2018 s.10(5)",
        ),
    ),
    _Rule(
        frozenset({"art10-schedule-1"}),
        lambda *_: True,
        Closed(
            "name-the-condition",
            "Name the condition of Schedule 1 itself.",
            "UK GDPR Article 10(1); Data Protection Act 2018 s.10(5)",
        ),
    ),
    _Rule(
        frozenset({"implied-direct-care"}),
        lambda standing, _: (
            standing.purpose in _NO_CARE
            or not (standing.kind.health or standing.like.code == "local-authority")
        ),
        Closed(
            "not-direct-care",
            "Consent is implied only where those who give health or social care share for that person's own care. "
            "Choose the statute, or the overriding public interest.",
            "Common law duty of confidentiality",
        ),
    ),
)  # fmt: skip
