"""The texts beside a version on a page of its business unit: what is there, and another one to publish."""

from __future__ import annotations

from litestar import Response
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from isa_registry.actions import companions
from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.companions import COMPANIONS
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.identity.forms import only
from isa_registry.pages.changing import rejected
from isa_registry.pages.forms import Form
from isa_registry.pages.layouts import layout_of
from isa_registry.pages.people import caller_of, file_of, form_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.unit_versions import own_version
from isa_registry.runtime.access.changes import decider
from isa_registry.runtime.agreements.deciding import decide

_ADDRESS = "/account/agreements/{agreement:str}/{version:str}/companions"


def companion_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    @reads(_ADDRESS)
    async def look(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        return _page(request, own_version(request, agreement, version))

    @writes(_ADDRESS)
    async def publish(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
        found, sent = own_version(request, agreement, version), form_of(request)
        try:
            fact = companions.companion(
                agreement, version, only(sent, "companion"), only(sent, "language"), _text(request)
            )
            done = await decide(
                registry_of(request), agreement, version, companions.publish(fact), decider(caller_of(request))
            )
        except Refused as refused:
            told = rejected(Form({name: values for name, values in sent.items() if name != "csrf"}), refused)
            return _page(request, found, told.form, told.status)
        return layout_of(request).page(
            "unit_decided.html",
            done=f"{COMPANIONS[fact.companion]} published",
            entry=done.index,
            version=found,
            address=f"/account/agreements/{agreement}/{version}",
        )

    return [look, publish]


def _page(request: Request, version: AgreementVersion, form: Form | None = None, status: int = 200) -> Response[bytes]:
    texts = registry_of(request).follower.view.companions(version.agreement, version.version)
    return layout_of(request).page(
        "unit_companions.html",
        status=status,
        form=form or Form({"language": (version.schedule.language,)}),
        version=version,
        address=f"/account/agreements/{version.agreement}/{version.version}",
        texts=[
            (COMPANIONS[one.companion], LANGUAGES[one.language], str(one.entry), f"{one.text_sha256[:16]}…")
            for one in texts
        ],
        sorts=list(COMPANIONS.items()),
        languages=list(LANGUAGES.items()),
    )


def _text(request: Request) -> str:
    """The text of the file, or else what was pasted: a browser sends lines that end in CR and LF."""
    chosen = file_of(request, "text_file")
    if chosen is None:
        return only(form_of(request), "text").replace("\r\n", "\n")
    try:
        return chosen.decode("utf-8")
    except UnicodeDecodeError:
        fault = Fault("#/text_file", "malformed", "Save the file as UTF-8, and choose it again.")
        raise Refused("unprocessable", "The file is not UTF-8.", (fault,)) from None
