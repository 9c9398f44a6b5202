"""The agreements, in public: versions, words, clauses, schedules, and who has attested exactly these words."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.json import json_bytes, json_response
from isa_registry.api.proved import VERIFY, AttestedBy, Publication, attested, publication
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.agreement_documents import ClauseText, clause_text
from isa_registry.domain.agreement_text import clauses_of
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.receipts import receipt_for
from isa_registry.runtime.registry import Registry


class VersionLine(Struct, frozen=True):
    """A version in a list. `in_force` is as of today, Europe/London; dates are YYYY-MM-DD."""

    agreement: str
    version: str
    title: str
    tier: int
    in_force: bool
    in_force_on: str | None
    review_due: str | None
    withdrawn_on: str | None
    text_sha256: str
    schedule_sha256: str
    url: str


class AgreementList(Struct, frozen=True):
    agreements: list[VersionLine]


class AgreementVersions(Struct, frozen=True):
    """One agreement: its versions, and the one in force today."""

    agreement: str
    title: str
    in_force: str | None
    versions: list[VersionLine]


class VersionWhole(Struct, frozen=True):
    """One version, word for word, and what proves it. Hashes are lower-case hex SHA-256 of the text (UTF-8, LF) and of
    the schedule (RFC 8785). `attested` are the attestations of exactly this text, as of today; bodies that a parent has
    attested for are in the list of attestations. `verify` says how to check it oneself."""

    version: VersionLine
    text: str
    schedule: Schedule
    clauses: list[ClauseText]
    published: Publication
    attested: list[AttestedBy]
    verify: tuple[str, ...]


def version_line(version: AgreementVersion, view: RegisterView, today: str) -> VersionLine:
    current = view.agreement_in_force(version.agreement, today)
    return VersionLine(
        agreement=version.agreement,
        version=version.version,
        title=version.title,
        tier=version.tier,
        in_force=current is not None and current.version == version.version,
        in_force_on=version.in_force_on,
        review_due=version.review_due,
        withdrawn_on=version.withdrawn_on,
        text_sha256=version.text_sha256,
        schedule_sha256=version.schedule_sha256,
        url=f"/agreements/{version.agreement}/{version.version}",
    )


def register_today(request: Request) -> tuple[RegisterView, str]:
    registry: Registry = request.app.state.registry
    return registry.follower.view, london_date(registry.now())


def published_version(view: RegisterView, agreement: str, version: str) -> AgreementVersion:
    """Raises `Refused` (`not-found`)."""
    found = view.agreement_version(agreement, version)
    if found is None:
        raise Refused("not-found", "There is no such version of this agreement.")
    return found


@reads("/api/v1/agreements")
async def list_agreements(request: Request) -> Response[bytes]:
    view, today = register_today(request)
    return json_response(AgreementList([version_line(version, view, today) for version in view.agreement_versions()]))


@reads("/api/v1/agreements/{agreement:str}")
async def read_agreement(request: Request, agreement: FromPath[str]) -> Response[bytes]:
    view, today = register_today(request)
    versions = view.agreement_versions(agreement)
    if not versions:
        raise Refused("not-found", "There is no such agreement.")
    current = view.agreement_in_force(agreement, today)
    return json_response(
        AgreementVersions(
            agreement=agreement,
            title=versions[-1].title,
            in_force=None if current is None else current.version,
            versions=[version_line(version, view, today) for version in versions],
        )
    )


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}")
async def read_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    view, today = register_today(request)
    found = published_version(view, agreement, version)
    return json_response(
        VersionWhole(
            version=version_line(found, view, today),
            text=found.text,
            schedule=found.schedule,
            clauses=[clause_text(one) for one in clauses_of(found.text)],
            published=publication(found, view),
            attested=attested(found, view, today),
            verify=VERIFY,
        )
    )


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}/receipt")
async def read_publication_receipt(
    request: Request, agreement: FromPath[str], version: FromPath[str]
) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    view = registry.follower.view
    entry = publication(published_version(view, agreement, version), view).entry
    headers = {"Content-Disposition": f'attachment; filename="{entry}.isa-receipt.json"'}
    return json_bytes(await receipt_for(registry, "", entry), headers=headers)


HANDLERS = [list_agreements, read_agreement, read_version, read_publication_receipt]
