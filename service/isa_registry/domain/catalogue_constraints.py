"""The law that holds across the whole catalogue, stated once: no edit of the data may break it.

Each constraint has a name, the sentence it holds, and where that is from. The lists are exact: to widen one is to
change this page, with its source, and the questions that the tests ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from isa_registry.domain.bars import BARS, Bar
from isa_registry.domain.catalogue import Catalogue, MatrixRow, OrganisationKind, Use
from isa_registry.domain.catalogue_faults import Fault


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASSISTING = frozenset({"local-authority", "integrated-care-board", "nhs-trust", "nhs-england"})
MAPPA_BODIES = _codes(
    "police probation prison youth-justice local-authority integrated-care-board nhs-trust housing-provider"
)
RELEVANT_AUTHORITIES = _codes(
    "police local-authority probation youth-justice integrated-care-board nhs-trust fire housing-provider"
)
NOTIFYING = frozenset({"local-authority", "police", "british-transport-police"})
COMPETENT = frozenset({"police", "british-transport-police", "probation", "youth-justice", "prison"})
LISTED = _codes("""
    local-authority integrated-care-board nhs-england nhs-trust police probation youth-justice prison secure-setting
    """)
LISTING_UNKNOWN = _codes("""
    maintained-school academy academy-trust independent-school college early-years voluntary gp-practice childrens-home
    fostering-agency british-transport-police
    """)
NEED_A_POLICY_DOCUMENT = _codes(
    "dpa-2018-sch1-para6 dpa-2018-sch1-para10 dpa-2018-sch1-para17 dpa-2018-sch1-para18 dpa-2018-s35-5"
)
SUPERSEDED = _codes("ca-2004-s13 ca-2004-s14 ca-2004-s14b ca-2004-s15 ca-2004-s16")
REQUESTS_THAT_BIND = _codes("ca-1989-s27 ca-1989-s47 ca-2004-s16d ca-2004-s16h")
POLICE_OR_COUNCIL = frozenset({"police", "local-authority"})


class Constraint(NamedTuple):
    """A rule of law about the catalogue: a name, the sentence it holds, its source, and what finds a breach."""

    name: str
    says: str
    source: str
    breaches: Callable[[Catalogue], Iterator[tuple[str, str, str]]]


def constraint_faults(catalogue: Catalogue) -> Iterator[Fault]:
    """Every breach, as a fault that names the constraint."""
    for constraint in CONSTRAINTS:
        for file, pointer, what in constraint.breaches(catalogue):
            yield Fault(file, pointer, f"{what} ({constraint.name}: {constraint.source})")


# --- what a breach looks like -------------------------------------------------------------------------------

Breach = Iterator[tuple[str, str, str]]


def _uses(catalogue: Catalogue) -> Iterator[tuple[str, OrganisationKind, MatrixRow, Use]]:
    for i, row in enumerate(catalogue.matrix.values()):
        for member in ("article_6", "article_9", "article_10", "part_3", "gateways"):
            for j, use in enumerate(getattr(row, member)):
                yield f"/{i}/{member}/{j}/code", catalogue.kinds[row.organisation], row, use


def _never(bar: Bar) -> Callable[[Catalogue], Breach]:
    """A provision that no row of such a kind may name."""

    def breaches(catalogue: Catalogue) -> Breach:
        for at, kind, _, use in _uses(catalogue):
            if use.code == bar.provision and bar.bars(kind):
                yield "matrix.json", at, f"{bar.provision} is never for {kind.code} here"

    return breaches


def _exactly(
    code: str, *, providers: frozenset[str] | None = None, recipients: frozenset[str] | None = None
) -> Callable[[Catalogue], Breach]:
    """A provision that binds and reaches these kinds and no other."""

    def breaches(catalogue: Catalogue) -> Breach:
        place = list(catalogue.provisions).index(code) if code in catalogue.provisions else None
        if place is None:
            yield "provisions.json", "", f"{code} is missing"
            return
        provision = catalogue.provisions[code]
        for member, wanted in (("providers", providers), ("recipients", recipients)):
            stated = getattr(provision, member)
            if wanted is not None and (stated is None or set(stated) != wanted):
                yield "provisions.json", f"/{place}/{member}", f"{code} names exactly {', '.join(sorted(wanted))}"

    return breaches


def _listing(catalogue: Catalogue) -> Breach:
    for i, kind in enumerate(catalogue.kinds.values()):
        wanted = "in" if kind.code in LISTED else "unknown" if kind.code in LISTING_UNKNOWN else "not-in"
        if kind.s16la != wanted:
            yield "kinds.json", f"/{i}/s16la", f"{kind.code} is {wanted} the list"


def _competent(catalogue: Catalogue) -> Breach:
    for i, kind in enumerate(catalogue.kinds.values()):
        if kind.competent_authority != (kind.code in COMPETENT):
            yield (
                "kinds.json",
                f"/{i}/competent_authority",
                f"{kind.code} is {'' if kind.code in COMPETENT else 'not '}one",
            )
    for i, row in enumerate(catalogue.matrix.values()):
        if bool(row.part_3) != catalogue.kinds[row.organisation].competent_authority:
            yield "matrix.json", f"/{i}/part_3", "Part 3 is for competent authorities, and each has it"


def _policy_documents(catalogue: Catalogue) -> Breach:
    for i, provision in enumerate(catalogue.provisions.values()):
        needed = provision.code in NEED_A_POLICY_DOCUMENT or provision.code.startswith("dpa-2018-sch8-")
        if needed and not provision.policy_document:
            yield "provisions.json", f"/{i}/policy_document", f"{provision.code} needs a policy document"


def _superseded(catalogue: Catalogue) -> Breach:
    for i, code in enumerate(catalogue.provisions):
        if code in SUPERSEDED:
            yield "provisions.json", f"/{i}/code", f"{code} is no longer the law for England"


def _depersonalised(catalogue: Catalogue) -> Breach:
    for at, _, _, use in _uses(catalogue):
        if "depersonalised-only" in catalogue.provisions[use.code].limits:
            yield "matrix.json", at, f"{use.code} covers no personal data"


def _danger_rows(catalogue: Catalogue) -> Breach:
    for i, row in enumerate(catalogue.matrix.values()):
        beside = (row.duties, row.cautions, row.policy_document, row.typical != "typical", not row.reliable)
        if row.purpose == "immediate-danger" and any(beside):
            yield "matrix.json", f"/{i}", "in immediate danger an answer names no duty, paperwork or guidance"


def _requests_that_bind(catalogue: Catalogue) -> Breach:
    for i, provision in enumerate(catalogue.provisions.values()):
        binds = provision.kind == "request-duty" and () not in (provision.recipients, provision.purposes)
        if binds != (provision.code in REQUESTS_THAT_BIND):
            yield (
                "provisions.json",
                f"/{i}/recipients",
                f"{provision.code} {'may' if not binds else 'may not'} be asked",
            )


def _a_reliable_row_has_a_basis(catalogue: Catalogue) -> Breach:
    for i, row in enumerate(catalogue.matrix.values()):
        if row.reliable and not row.article_6:
            yield "matrix.json", f"/{i}/article_6", "a row that can be relied on has a basis"


CONSTRAINTS: tuple[Constraint, ...] = (
    *(Constraint(bar.name, bar.says, bar.source, _never(bar)) for bar in BARS),
    Constraint(
        "relevant-authorities",
        "Only relevant authorities receive under section 115; voluntary bodies never do.",
        "Crime and Disorder Act 1998 s.115",
        _exactly("cda-1998-s115", recipients=RELEVANT_AUTHORITIES),
    ),
    Constraint(
        "asked-in-an-enquiry",
        "A council's request in an enquiry binds these bodies; the police are not among them.",
        "Children Act 1989 s.47(9) to (11)",
        _exactly("ca-1989-s47", providers=ASSISTING, recipients=frozenset({"local-authority"})),
    ),
    Constraint(
        "asked-for-a-child-in-need",
        "A council's request for help with a child in need binds these bodies.",
        "Children Act 1989 s.27",
        _exactly("ca-1989-s27", providers=ASSISTING, recipients=frozenset({"local-authority"})),
    ),
    Constraint(
        "safeguarding-partners-ask",
        "Only a safeguarding partner asks under section 16H.",
        "Children Act 2004 s.16H",
        _exactly("ca-2004-s16h", recipients=frozenset({"local-authority", "integrated-care-board", "police"})),
    ),
    Constraint(
        "the-panel-asks",
        "Only the national Panel asks under section 16D.",
        "Children Act 2004 s.16D",
        _exactly("ca-2004-s16d", recipients=frozenset({"national-panel"})),
    ),
    Constraint(
        "requests-that-bind",
        "These requests bind a body that is registered here, and no other does.",
        "Children Act 1989 ss.27 and 47(9); Children Act 2004 ss.16D and 16H",
        _requests_that_bind,
    ),
    Constraint(
        "mappa-bodies",
        "The public protection power is between its listed bodies.",
        "Criminal Justice Act 2003 s.325(3) to (6)",
        _exactly("cja-2003-s325", providers=MAPPA_BODIES, recipients=MAPPA_BODIES),
    ),
    Constraint(
        "who-notifies",
        "Councils and police notify the Home Office of a possible victim of modern slavery.",
        "Modern Slavery Act 2015 s.52",
        _exactly("msa-2015-s52", providers=NOTIFYING, recipients=frozenset({"home-office"})),
    ),
    Constraint(
        "channel-panels",
        "Channel is a council's panel, with the police.",
        "Counter-Terrorism and Security Act 2015 ss.36 to 38",
        _exactly("ctsa-2015-s36", providers=POLICE_OR_COUNCIL, recipients=POLICE_OR_COUNCIL),
    ),
    Constraint(
        "channel-partners-give-to-the-panel",
        "A partner's information for Channel goes to the council or the police.",
        "Counter-Terrorism and Security Act 2015 s.38",
        _exactly("ctsa-2015-s38", recipients=POLICE_OR_COUNCIL),
    ),
    Constraint(
        "list-of-the-duty-to-share",
        "Who is in the list of the duty to share, who is not, and of whom it is not known.",
        "Children Act 2004 s.16LA(4)",
        _listing,
    ),
    Constraint(
        "competent-authorities",
        "Part 3 is for competent authorities alone.",
        "Data Protection Act 2018 s.30 and Schedule 7",
        _competent,
    ),
    Constraint(
        "policy-documents",
        "These conditions need an appropriate policy document.",
        "Data Protection Act 2018 Schedule 1 paragraph 5 and Part 4; ss.35 and 42",
        _policy_documents,
    ),
    Constraint(
        "superseded-law",
        "The sections of the old safeguarding boards are not used for England.",
        "Children Act 2004 ss.13 to 16, replaced by ss.16E to 16K",
        _superseded,
    ),
    Constraint(
        "depersonalised-duty",
        "A duty about depersonalised information is no gateway for personal data.",
        "Crime and Disorder Act 1998 s.17A",
        _depersonalised,
    ),
    Constraint(
        "danger-rows",
        "A row for immediate danger holds the basis and the gateways, and nothing that could be read as a hurdle.",
        "Immediate danger is decided before anything else is looked at",
        _danger_rows,
    ),
    Constraint(
        "reliable-rows",
        "A row that can be relied on names a basis of Article 6.",
        "UK GDPR Article 6(1)",
        _a_reliable_row_has_a_basis,
    ),
)
