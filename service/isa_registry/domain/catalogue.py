"""The law as data: provisions, kinds of organisation, purposes, categories, and who relies on what.

The words and codes live in `agreements/catalogue/*.json`; this module says what a catalogue is. It is
loaded, checked and hashed by `domain/catalogue_loading.py`; `domain/catalogue_constraints.py` holds the rules
that no edit may break. What a person has not verified says so in `verified`.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from isa_registry.domain.guidance import GuidanceItem, RecordField
from isa_registry.domain.words import Words

Confidence = Literal["verified", "secondary", "general-knowledge", "uncertain"]

ProvisionKind = Literal[
    "article-6", "annex-1", "article-9", "article-10", "schedule-1", "part-3",
    "duty", "request-duty", "power", "framework", "barrier", "overlay", "guidance",
]  # fmt: skip

# A closed set of named conditions. The data may name these and nothing else: never an expression language.
Predicate = Literal[
    "on-request",               # a statutory request that binds was made
    "consent-is-the-basis",     # the answer rests on the family's free choice
    "recipient-competent-authority",  # DPA 2018 Sch 1 para 10(2)
    "cannot-consent",           # physically or legally incapable of consenting
    "named-in-arrangements",    # designated or commissioned, as its record says
]  # fmt: skip

# What bounds a provision. Closed and named like the predicates; the words of each are in codes.json.
Limit = Literal[
    "about-a-child",
    "adults-only",
    "balancing-test",
    "confidence-owed",
    "court-permission",
    "depersonalised-only",
    "does-not-lift-confidence",
    "does-not-override-data-protection",
    "excludes-intelligence",
    "for-the-persons-own-care",
    "functions-of-the-chapter",
    "incapable-of-consenting",
    "known-fgm-under-18",
    "major-incident-only",
    "members-only",
    "necessary-or-expedient",
    "no-machine-decision",
    "non-public-bodies-only",
    "not-a-disclosure-power",
    "not-by-health-or-social-care-authority",
    "not-if-more-detrimental",
    "not-if-they-object",
    "not-patient-information",
    "on-request",
    "own-task-only",
    "public-bodies-only",
    "so-far-as-it-may-help",
    "strictly-necessary",
    "substantial-public-interest",
    "unless-unduly-prejudicial",
    "unless-unreasonable",
    "up-to-72-hours",
    "used-only-for-the-request",
    "without-consent-for-a-reason",
    "without-consent-to-avoid-prejudice",
]


class Period(Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from"}, omit_defaults=True):
    """Days on which a provision is in force, both ends included.

    `reported`: only second-hand word of the start. `by`: in force by that day, the day it began was not
    looked up.
    """

    from_: date
    until: date | None = None
    reported: bool = False
    by: bool = False


class Provision(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that an answer can cite.

    `says` is one plain sentence for anybody, `practice` one for the practitioner who relies on it. `providers`
    and `recipients` are the kinds of organisation that it binds or empowers and that it reaches (None: no
    limit, empty: none of ours); a kind that follows the row of one of the `providers` is bound like it, save
    `except_providers`; `purposes` the purposes it serves (None: no limit). A `request-duty` binds
    `providers` when one of `recipients` asks. No `in_force` period means not in force. `policy_document`:
    relying on it needs an appropriate policy document, save under the condition `policy_document_unless`.
    `uri` is its legislation.gov.uk identifier, `text_at` the address of its text at a point in time. `dpv` is
    the term of the Data Privacy Vocabulary (W3C community group) that means the same, where there is one.
    """

    code: str
    kind: ProvisionKind
    title: str
    says: str
    practice: str
    verified: bool
    confidence: Confidence
    source: str
    in_force: tuple[Period, ...]
    uri: str | None = None
    text_at: str | None = None
    dpv: str | None = None
    providers: tuple[str, ...] | None = None
    except_providers: tuple[str, ...] = ()
    recipients: tuple[str, ...] | None = None
    purposes: tuple[str, ...] | None = None
    limits: tuple[Limit, ...] = ()
    policy_document: bool = False
    policy_document_unless: Predicate | None = None
    note: str | None = None

    def in_force_on(self, day: date) -> bool:
        return any(p.from_ <= day and (p.until is None or day <= p.until) for p in self.in_force)

    @property
    def may_be_declined(self) -> bool:
        """A request under it may be declined on the grounds that its section gives."""
        return "unless-unreasonable" in self.limits or "unless-unduly-prejudicial" in self.limits


class OrganisationKind(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A kind of organisation and what follows from it.

    `row` is the kind whose matrix row it follows (None: it only receives); `row_if_council_run` the one it
    follows where a council runs it. `s16la`: whether Children Act 2004 s.16LA(4) lists it.
    """

    code: str
    label: str
    row: str | None
    public: bool
    s16la: Literal["in", "not-in", "unknown"]
    row_if_council_run: str | None = None
    competent_authority: bool = False
    health: bool = False
    looks_after_children: bool = False
    advice_from: str = "your safeguarding lead"


class Purpose(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A purpose of sharing. `inform` is the default for telling the family; `matrix` the matrix column it
    follows; `guidance` what answers carry that let something go or ask first; `meets` that its work is done in
    multi-agency meetings.

    `consent`: whose agreement to a service plays a part. `agreement`: the family's; `support-stage`: at that
    stage; `adult-victims`: theirs; `no`: nobody's. `consent_says` is the same as one sentence.
    """

    code: str
    label: str
    says: str
    matrix: str
    inform: Literal["yes", "unless-unsafe", "after", "case-by-case", "no", "privacy-notice"]
    protects_children: bool
    consent: Literal["agreement", "support-stage", "adult-victims", "no"]
    consent_says: str
    guidance: tuple[str, ...] = ()
    meets: bool = False


class Category(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A category of information. `special` and `criminal` are flags of Articles 9 and 10 UK GDPR; the
    `may_be_` ones list the route without raising the flag. `identifying` information is never anonymous.
    """

    code: str
    label: str
    special: bool = False
    may_be_special: bool = False
    criminal: bool = False
    may_be_criminal: bool = False
    identifying: bool = False
    high_sensitivity: bool = False
    note: str | None = None


class Use(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A provision relied on, and the named condition under which it is."""

    code: str
    when: Predicate | None = None


class MatrixRow(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one kind of organisation relies on for one purpose, each list in order of preference.

    `purpose` may also be `immediate-danger`, whose rows hold the basis and the gateways alone. A condition (Annex
    1, Schedule 1) follows the point it belongs to. Lists other than `part_3` are for the UK GDPR. `duties` are the
    provisions that may turn the basis into a legal obligation (Article 6(1)(c)); requests that bind are stated once,
    on their provisions. `cautions` are codes of guidance. `reliable` is false where no basis can be relied on and only
    anonymised data will do. `note` says where a row departs from the table it was drawn from, and why.
    """

    organisation: str
    purpose: str
    article_6: tuple[Use, ...]
    article_9: tuple[Use, ...]
    article_10: tuple[Use, ...]
    part_3: tuple[Use, ...]
    gateways: tuple[Use, ...]
    typical: Literal["typical", "limited", "rare"] = "typical"
    duties: tuple[str, ...] = ()
    policy_document: bool = False
    reliable: bool = True
    cautions: tuple[str, ...] = ()
    note: str | None = None


class Codes(Struct, frozen=True, forbid_unknown_fields=True):
    """The remaining closed vocabularies, each code with its plain label."""

    urgencies: dict[str, str]
    subject_kinds: dict[str, str]
    subject_roles: dict[str, str]
    consent_states: dict[str, str]
    para18_reasons: dict[str, str]
    confidentiality_routes: dict[str, str]
    restrictions: dict[str, str]
    roles: dict[str, str]
    limits: dict[str, str]


class Catalogue(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that `decide` knows of the law, with lookups by code. Built only by the loader.

    `verified_rows` are the keys of the matrix rows that a person checked: no file says it, the register does.
    """

    version: str
    sha256: str
    provisions: dict[str, Provision]
    kinds: dict[str, OrganisationKind]
    purposes: dict[str, Purpose]
    categories: dict[str, Category]
    matrix: dict[str, MatrixRow]
    codes: Codes
    guidance: dict[str, GuidanceItem]
    recording: tuple[RecordField, ...]
    words: Words
    verified_rows: frozenset[str] = frozenset()

    def row(self, organisation_row: str, purpose: str) -> MatrixRow | None:
        """The matrix row for a kind's row and a purpose's column; both already resolved."""
        return self.matrix.get(f"{organisation_row} {purpose}")
