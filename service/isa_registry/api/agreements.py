"""The agreements, in public: versions, words, clauses, schedules, and who has attested exactly these words."""

from __future__ import annotations

from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.json import json_response
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.agreement_text import Clause, parse_agreement
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.dates import london_date
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
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


class ClauseText(Struct, frozen=True):
    """A clause: its heading, its Markdown, the questions that it answers, and the provisions that it cites."""

    id: str
    heading: str
    level: int
    text: str
    answers: tuple[str, ...]
    cites: tuple[str, ...]


class VersionWhole(Struct, frozen=True):
    """One version, word for word. Hashes are lower-case hex SHA-256 of the text (UTF-8, LF) and of the schedule
    (RFC 8785)."""

    version: VersionLine
    text: str
    schedule: Schedule
    clauses: list[ClauseText]


class ClauseWhole(Struct, frozen=True):
    """One clause; `cite` is how answers cite it."""

    agreement: str
    version: str
    clause: ClauseText
    cite: str
    url: str
    text_sha256: str
    in_force: bool


def _line(version: AgreementVersion, view: RegisterView, today: str) -> VersionLine:
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


def _clause(clause: Clause) -> ClauseText:
    return ClauseText(
        id=clause.id,
        heading=clause.heading,
        level=clause.level,
        text=clause.text,
        answers=clause.answers,
        cites=clause.cites,
    )


def _now(request: Request) -> tuple[RegisterView, str]:
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
    view, today = _now(request)
    return json_response(AgreementList([_line(version, view, today) for version in view.agreement_versions()]))


@reads("/api/v1/agreements/{agreement:str}")
async def read_agreement(request: Request, agreement: FromPath[str]) -> Response[bytes]:
    view, today = _now(request)
    versions = view.agreement_versions(agreement)
    if not versions:
        raise Refused("not-found", "There is no such agreement.")
    current = view.agreement_in_force(agreement, today)
    return json_response(
        AgreementVersions(
            agreement=agreement,
            title=versions[-1].title,
            in_force=None if current is None else current.version,
            versions=[_line(version, view, today) for version in versions],
        )
    )


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}")
async def read_version(request: Request, agreement: FromPath[str], version: FromPath[str]) -> Response[bytes]:
    view, today = _now(request)
    found = published_version(view, agreement, version)
    return json_response(
        VersionWhole(
            version=_line(found, view, today),
            text=found.text,
            schedule=found.schedule,
            clauses=[_clause(one) for one in parse_agreement(found.text)],
        )
    )


@reads("/api/v1/agreements/{agreement:str}/versions/{version:str}/clauses/{clause:str}")
async def read_clause(
    request: Request, agreement: FromPath[str], version: FromPath[str], clause: FromPath[str]
) -> Response[bytes]:
    view, today = _now(request)
    found = published_version(view, agreement, version)
    one = next((one for one in parse_agreement(found.text) if one.id == clause), None)
    if one is None:
        raise Refused("not-found", "There is no such clause in this version.")
    return json_response(
        ClauseWhole(
            agreement=agreement,
            version=version,
            clause=_clause(one),
            cite=f"{agreement}/{version}#{clause}",
            url=f"/agreements/{agreement}/{version}#{clause}",
            text_sha256=found.text_sha256,
            in_force=_line(found, view, today).in_force,
        )
    )


HANDLERS = [list_agreements, read_agreement, read_version, read_clause]
