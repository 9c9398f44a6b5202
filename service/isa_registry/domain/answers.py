"""The answer to a check. It is never a bare yes or no: outcome, basis, consent, openness, conditions, next steps."""

from __future__ import annotations

from msgspec import Struct


class Reason(Struct, frozen=True):
    """One thing that moved the answer. `cites` holds provision codes and `agreement/version#clause` references."""

    code: str
    text: str
    cites: tuple[str, ...] = ()


class Basis(Struct, frozen=True):
    """The lawful basis as ordered lists of provision codes, strongest first. `part_3` holds DPA 2018 codes only."""

    article_6: tuple[str, ...] = ()
    article_9: tuple[str, ...] = ()
    article_10: tuple[str, ...] = ()
    part_3: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()


class Duty(Struct, frozen=True):
    """A statutory duty in play. `engaged` is None while something that decides it is not known."""

    provision: str
    engaged: bool | None
    verified: bool


class ConsentAdvice(Struct, frozen=True):
    """`role`: the-basis, not-the-basis, agreement-to-service. `seek`: yes, no, must-not."""

    role: str
    seek: str
    text: str


class InformAdvice(Struct, frozen=True):
    """Whether the family is told. `now` is None when it depends on something not known."""

    expected: str
    now: bool | None
    text: str


class Condition(Struct, frozen=True):
    """Something to keep to while sharing."""

    code: str
    text: str


class Missing(Struct, frozen=True):
    """Something not yet there. `needed`: to-be-lawful, good-record. `who` can mend it: you, your-ig-lead,
    their-ig-lead."""

    code: str
    needed: str
    who: str
    text: str


class AgreementCited(Struct, frozen=True):
    """The clause of the agreement that the answer rests on; `sha256` is of the agreement's text, lower-case hex."""

    agreement: str
    version: str
    clause: str
    url: str
    sha256: str


class CategoryAnswer(Struct, frozen=True):
    """The answer for one category of information."""

    code: str
    special: bool
    criminal: bool
    outcome: str


class Advice(Struct, frozen=True):
    """Whom to ask, and what about."""

    who: str
    why: str


class Guidance(Struct, frozen=True):
    """A few plain sentences where they matter. `cites` as in a reason; `url` is a clause on it, if any."""

    code: str
    title: str
    text: str
    cites: tuple[str, ...] = ()
    url: str | None = None


class Saw(Struct, frozen=True):
    """A fact that a rule looked at. `value` None is one that is not known."""

    fact: str
    value: bool | str | tuple[str, ...] | None


class RuleSeen(Struct, frozen=True, omit_defaults=True):
    """One rule looked at, for `explain`: whether it decided, added something or passed, and why.

    `codes` are those of the reasons and conditions that came of it, `saw` the facts that it looked at.
    """

    rule: str
    effect: str
    text: str
    codes: tuple[str, ...] = ()
    saw: tuple[Saw, ...] = ()


class OneMoreFact(Struct, frozen=True):
    """A circumstance that is not known, and the outcome if it were known to be this and nothing else changed."""

    fact: str
    value: bool | str
    outcome: str
    text: str


class RegisterSeen(Struct, frozen=True):
    """What the answer was made from: log size, its root (base64), the catalogue's hash and the engine's version."""

    log_size: int
    root: str
    catalogue: str
    engine: str


class Answer(Struct, frozen=True):
    """What `decide` returns; the action adds identity, time and the register's state around it."""

    outcome: str
    headline: str
    reasons: tuple[Reason, ...]
    regime: str
    basis: Basis
    duty: Duty | None
    consent: ConsentAdvice
    inform: InformAdvice
    conditions: tuple[Condition, ...]
    missing: tuple[Missing, ...]
    to_record: tuple[str, ...]
    agreements: tuple[AgreementCited, ...]
    categories: tuple[CategoryAnswer, ...]
    advice: tuple[Advice, ...]
    guidance: tuple[Guidance, ...]
    explained: tuple[RuleSeen, ...] = ()
    one_more_fact: tuple[OneMoreFact, ...] = ()
