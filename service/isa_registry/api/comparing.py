"""Two versions of an agreement compared, in public: clause by clause as data, the schedules in plain sentences."""

from __future__ import annotations

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import Struct

from isa_registry.api.conditional import FOR_A_DAY, conditional
from isa_registry.api.queries import malformed, query_of
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.domain.comparing.comparison import ClauseChange, Counts
from isa_registry.domain.comparing.schedules import ScheduleChange
from isa_registry.domain.comparing.words import Run
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.runtime.comparisons import Comparisons
from isa_registry.runtime.registry import Registry


class ComparedVersion(Struct, frozen=True):
    """One of the two versions. Hashes are lower-case hex SHA-256, as attestations name them."""

    version: str
    text_sha256: str
    schedule_sha256: str
    published_at: str
    url: str


class VersionComparison(Struct, frozen=True, rename={"older": "from", "newer": "to"}):
    """What is different in the version `to` (docs/formats/comparison.md). Neither version ever changes, so the same two
    give the same answer."""

    agreement: str
    older: ComparedVersion
    newer: ComparedVersion
    title: tuple[Run, ...]
    counts: Counts
    clauses: tuple[ClauseChange, ...]
    schedule: tuple[ScheduleChange, ...]


@reads("/api/v1/agreements/{agreement:str}/compare")
async def compare_versions(request: Request, agreement: FromPath[str]) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    comparisons: Comparisons = request.app.state.comparisons
    view = registry.follower.view
    asked = query_of(request, "from", "to")
    if not view.agreement_versions(agreement):
        raise Refused("not-found", "There is no such agreement.")
    missing = [name for name in ("from", "to") if name not in asked]
    if missing:
        detail = "Name two versions of this agreement, such as from=1.0&to=1.1."
        raise malformed(*(Fault(f"#/{name}", "missing", detail) for name in missing))
    older, newer = (_version(view, agreement, asked[name], name) for name in ("from", "to"))
    found = await comparisons.of(view, older, newer)
    answer = VersionComparison(
        agreement=agreement,
        older=_compared(older),
        newer=_compared(newer),
        title=found.title,
        counts=found.counts,
        clauses=found.clauses,
        schedule=found.schedule,
    )
    return conditional(request, msgspec.json.encode(answer), FOR_A_DAY, media_type="application/json")


def _version(view: RegisterView, agreement: str, version: str, name: str) -> AgreementVersion:
    found = view.agreement_version(agreement, version)
    if found is None:
        detail = "There is no such version of this agreement."
        raise Refused("not-found", detail, (Fault(f"#/{name}", "unknown", "Name a version that is published."),))
    return found


def _compared(version: AgreementVersion) -> ComparedVersion:
    return ComparedVersion(
        version=version.version,
        text_sha256=version.text_sha256,
        schedule_sha256=version.schedule_sha256,
        published_at=version.published_at,
        url=f"/agreements/{version.agreement}/{version.version}",
    )


HANDLERS = [compare_versions]
