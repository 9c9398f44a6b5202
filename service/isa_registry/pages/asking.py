"""Asking by hand: may I share this, with them, for this? The same question and the same answer as the interface's."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from isa_registry.actions import checks
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.questions import Circumstances, Question, RecipientKind, Subject
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.forms import Sent, only
from isa_registry.ledger.drafts import Appended
from isa_registry.pages.forms import FieldError, Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.words import ProvisionCited, provision_cited
from isa_registry.runtime.asking import answer_and_record

OUTCOMES = {
    "share-now": "Share now, and record it afterwards",
    "duty-to-share": "You have a duty to share",
    "may-share": "You may share",
    "ask-consent": "Ask for consent or agreement first",
    "seek-advice": "Seek advice: this is not a no",
    "do-not-share": "Do not share",
}

_BASES = (
    ("Lawful basis", "article_6"),
    ("Special category information", "article_9"),
    ("Criminal offence information", "article_10"),
    ("Law enforcement processing", "part_3"),
    ("Power to share", "gateways"),
)
_MOST_URGENT_FIRST = ("immediate-danger", "urgent", "routine")
_KNOWN = {"yes": True, "no": False}
_CIRCUMSTANCES = ("would_help_recipient", "more_detrimental_to_share", "informing_increases_risk")


Option = tuple[str, str]
"""What is sent, and its words."""


class Options(Struct, frozen=True):
    """What can be chosen, from the register and the catalogue as they stand."""

    recipients: tuple[Option, ...]
    kinds: tuple[Option, ...]
    purposes: tuple[Option, ...]
    categories: tuple[Option, ...]
    urgencies: tuple[Option, ...]
    subjects: tuple[Option, ...]


def asking_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads("/ask")
    async def ask(request: Request) -> Response[bytes]:
        return _form_page(request, {})

    @writes("/ask")
    async def answer(request: Request) -> Response[bytes]:
        sent, caller, registry = form_of(request), caller_of(request), registry_of(request)
        missing = _missing(sent, registry.follower.view)
        if missing:
            return _form_page(request, sent, missing)
        view, root = registry.follower.view, registry.follower.root
        try:
            admitted = checks.admit(_question(sent), caller, view)
        except Refused as refused:
            if refused.code not in ("malformed", "unprocessable"):
                raise
            unknown = FieldError("purpose", "Choose from the lists: something that was sent is not in them")
            return _form_page(request, sent, (unknown,))
        stale = not registry.follower.connected
        found = await answer_and_record(registry, admitted, caller, view=view, root=root, stale=stale)
        assert not isinstance(found, Appended), "a page claims no key"
        return _answer_page(request, found, view, admitted)

    return [ask, answer]


def _missing(sent: Sent, view: RegisterView) -> tuple[FieldError, ...]:
    wanted = (
        ("urgency", "Say how urgent it is"),
        ("recipient", "Choose who you want to share with"),
        ("purpose", "Choose what it is for"),
        ("category", "Choose what kind of information it is"),
        ("subject", "Say who the information is about"),
    )
    recipient = only(sent, "recipient")
    known = recipient.startswith("kind:") or view.organisation(recipient) is not None
    return tuple(
        FieldError(field, says)
        for field, says in wanted
        if not any(sent.get(field, ())) or (field == "recipient" and not known)
    )


def _question(sent: Sent) -> Question:
    recipient = only(sent, "recipient")
    kind = recipient.removeprefix("kind:")
    return Question(
        recipient=RecipientKind(kind) if kind != recipient else recipient,
        purpose=only(sent, "purpose"),
        categories=tuple(dict.fromkeys(sent["category"])),
        subjects=tuple(Subject(kind) for kind in dict.fromkeys(sent["subject"])),
        urgency=only(sent, "urgency"),
        circumstances=Circumstances(
            would_help_recipient=_KNOWN.get(only(sent, "would_help_recipient")),
            more_detrimental_to_share=_KNOWN.get(only(sent, "more_detrimental_to_share")),
            informing_increases_risk=_KNOWN.get(only(sent, "informing_increases_risk")),
        ),
    )


def _form_page(request: Request, sent: Sent, errors: tuple[FieldError, ...] = ()) -> Response[bytes]:
    view = registry_of(request).follower.view
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "The registry has no catalogue of the law yet.", retry_after=30)
    return layout_of(request).page(
        "ask.html",
        status=400 if errors else 200,
        options=_options(view, catalogue, caller_of(request).organisation),
        form=Form({**dict.fromkeys(_CIRCUMSTANCES, ("unknown",)), **sent}, errors),
    )


def _options(view: RegisterView, catalogue: Catalogue, own: str) -> Options:
    bodies = sorted((body.name, body.organisation) for body in view.organisations() if body.organisation != own)
    codes = catalogue.codes
    return Options(
        recipients=tuple((organisation, name) for name, organisation in bodies),
        kinds=tuple((f"kind:{one.code}", one.label) for one in catalogue.kinds.values()),
        purposes=tuple((one.code, one.label) for one in catalogue.purposes.values()),
        categories=tuple((one.code, one.label) for one in catalogue.categories.values()),
        urgencies=tuple(sorted(codes.urgencies.items(), key=_urgency)),
        subjects=tuple(codes.subject_kinds.items()),
    )


def _urgency(option: Option) -> int:
    return _MOST_URGENT_FIRST.index(option[0]) if option[0] in _MOST_URGENT_FIRST else len(_MOST_URGENT_FIRST)


def _answer_page(request: Request, found: checks.CheckResponse, view: RegisterView, asked: Question) -> Response[bytes]:
    catalogue = view.catalogue()
    bases: list[tuple[str, list[ProvisionCited]]] = []
    for title, member in _BASES:
        codes: tuple[str, ...] = getattr(found.basis, member)
        if codes:
            bases.append((title, [provision_cited(code, catalogue) for code in codes]))
    return layout_of(request).page(
        "answer.html",
        found=found,
        outcome=OUTCOMES.get(found.outcome, found.outcome),
        bases=bases,
        duty=None if found.duty is None else provision_cited(found.duty.provision, catalogue),
        labels={} if catalogue is None else {one.code: one.label for one in catalogue.categories.values()},
        danger=asked.urgency == "immediate-danger",
    )
