"""Drafts of agreement versions, and publishing one that a second person checked."""

from __future__ import annotations

import re
from typing import TypeVar

import msgspec
from litestar import Response
from litestar.params import FromPath
from msgspec import UNSET, Raw, Struct, UnsetType

from isa_registry.actions import agreements
from isa_registry.api.changing import decider_of
from isa_registry.api.frame import caller_of
from isa_registry.api.idempotency import claim_of, in_flight
from isa_registry.api.json import json_response
from isa_registry.api.organisations import Logged
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads, writes
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.dates import instant
from isa_registry.domain.lifecycles import events
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.shapes import decoding
from isa_registry.runtime.agreements.drafts import AgreementDrafts
from isa_registry.runtime.agreements.findings import findings
from isa_registry.runtime.registry import Registry
from isa_registry.store.agreement_drafts import AgreementDraft

_ID = re.compile(r"agd_[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_Body = TypeVar("_Body", bound=Struct)


class NewDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a version (Markdown in UTF-8 with LF) and its schedule; `partnership`: none named is the one that
    the registry was opened for."""

    text: str
    schedule: Schedule
    partnership: str | None = None


class RevisedDraft(Struct, frozen=True, forbid_unknown_fields=True):
    """Other words and another schedule for the same version."""

    text: str
    schedule: Schedule


class VersionPublication(Struct, frozen=True, forbid_unknown_fields=True):
    """What is published: a checked `draft` with the SHA-256 of its text and of its schedule, as they were read; or
    `text` and `schedule`, of which there must be a checked draft, byte for byte."""

    draft: str | UnsetType = UNSET
    text_sha256: str | UnsetType = UNSET
    schedule_sha256: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    schedule: Schedule | UnsetType = UNSET


class DraftHashes(Struct, frozen=True, forbid_unknown_fields=True):
    """Exactly which words and schedule are meant."""

    text_sha256: str
    schedule_sha256: str


class DraftReturn(Struct, frozen=True, forbid_unknown_fields=True):
    """Why a draft goes back to whoever writes it, by a code."""

    reason: str


class DraftStep(Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object: the address says it all."""


class _Sent(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    schedule: Raw
    partnership: str | None = None


class _SentAgain(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    schedule: Raw


class _SentToPublish(Struct, frozen=True, forbid_unknown_fields=True):
    draft: str | UnsetType = UNSET
    text_sha256: str | UnsetType = UNSET
    schedule_sha256: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    schedule: Raw | UnsetType = UNSET


class DraftLine(Struct, frozen=True):
    """A draft. `state` is drafting, in-review, quality-checked, published or discarded, and `takes` what may follow.
    People are the entries of the log that made them known: `written_by` sent the words as they stand, `submitted_by`
    had them checked, `passed_by` checked them. `reason` is the code with which it was last returned; `entry` is where
    it is published. Times are RFC 3339 UTC."""

    id: str
    agreement: str
    version: str
    partnership: str | None
    state: str
    takes: tuple[str, ...]
    text_sha256: str
    schedule_sha256: str
    reason: str | None
    begun_at: str
    changed_at: str
    written_by: int
    submitted_by: int | None
    passed_by: int | None
    entry: int | None


class DraftList(Struct, frozen=True):
    """The drafts of your own business unit, the last changed first."""

    drafts: list[DraftLine]


class DraftFinding(Struct, frozen=True):
    """Something to look at in a draft: in the words by line, in the schedule by pointer. It stops nothing."""

    file: str
    place: str
    what: str


class DraftWhole(Struct, frozen=True):
    """A draft with its words, its schedule, and what the lint says of them; all gone once it is published or
    discarded."""

    draft: DraftLine
    text: str | None
    schedule: Schedule | None
    findings: list[DraftFinding]


@reads("/api/v1/agreement-drafts")
async def list_drafts(request: Request) -> Response[bytes]:
    found = await _drafts(request).all(decider_of(request))
    return json_response(DraftList([_line(one) for one in found]))


@reads("/api/v1/agreement-drafts/{draft:str}")
async def read_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    return await _whole(request, await _drafts(request).read(_id(draft), decider_of(request)))


@writes("/api/v1/agreement-drafts")
async def begin_draft(request: Request) -> Response[bytes]:
    sent = await _body(request, _Sent, "The draft")
    begun = await _drafts(request).begin(
        sent.text.encode(), bytes(sent.schedule), decider_of(request), partnership=sent.partnership
    )
    return await _whole(request, begun, status=201)


@writes("/api/v1/agreement-drafts/{draft:str}/revision", status=200)
async def revise_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    sent = await _body(request, _SentAgain, "The draft")
    revised = await _drafts(request).revise(_id(draft), sent.text.encode(), bytes(sent.schedule), decider_of(request))
    return await _whole(request, revised)


@writes("/api/v1/agreement-drafts/{draft:str}/submission", status=200)
async def submit_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    await _body(request, DraftStep, "The submission")
    return json_response(_line(await _drafts(request).submit(_id(draft), decider_of(request))))


@writes("/api/v1/agreement-drafts/{draft:str}/return", status=200)
async def return_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    sent = await _body(request, DraftReturn, "The return")
    return json_response(_line(await _drafts(request).send_back(_id(draft), sent.reason, decider_of(request))))


@writes("/api/v1/agreement-drafts/{draft:str}/check", status=200)
async def check_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    sent = await _body(request, DraftHashes, "The check")
    _hashes(sent.text_sha256, sent.schedule_sha256)
    checked = await _drafts(request).check(_id(draft), sent.text_sha256, sent.schedule_sha256, decider_of(request))
    return json_response(_line(checked))


@writes("/api/v1/agreement-drafts/{draft:str}/discard", status=200)
async def discard_draft(request: Request, draft: FromPath[str]) -> Response[bytes]:
    await _body(request, DraftStep, "The discard")
    return json_response(_line(await _drafts(request).discard(_id(draft), decider_of(request))))


@writes("/api/v1/agreements/{agreement:str}/versions")
async def publish_version(request: Request, agreement: FromPath[str]) -> Response[bytes]:
    body = await request.body()
    with decoding("The publication"):
        sent = msgspec.json.decode(body, type=_SentToPublish)
    drafts, by = _drafts(request), decider_of(request)
    draft, text_sha256, schedule_sha256 = await _meant(request, sent)
    if (await drafts.read(draft, by)).agreement != agreement:
        raise Refused("not-found", "There is no such draft of this agreement.")
    claim = claim_of(request, caller_of(request), body)
    with in_flight(request, claim):
        done = await drafts.publish(draft, text_sha256, schedule_sha256, by, claim=claim)
    assert done.entry is not None
    logged = Logged(entry=done.entry, logged_at=await drafts.logged_at(done.entry))
    return json_response(logged, status=200 if done.repeated else 201)


async def _meant(request: Request, sent: _SentToPublish) -> tuple[str, str, str]:
    """Which draft is to be published, and the hashes that its text and its schedule must have."""
    match sent:
        case _SentToPublish(draft=str(draft), text_sha256=str(text), schedule_sha256=str(schedule)) if (
            sent.text is UNSET and sent.schedule is UNSET
        ):
            _hashes(text, schedule)
            return _id(draft), text, schedule
        case _SentToPublish(text=str(words), schedule=Raw()) if (
            sent.draft is UNSET and sent.text_sha256 is UNSET and sent.schedule_sha256 is UNSET
        ):
            registry: Registry = request.app.state.registry
            assert isinstance(sent.schedule, Raw)
            loaded = agreements.read_version(words.encode(), bytes(sent.schedule), registry.follower.view)
            drafts = _drafts(request)
            draft = await drafts.checked_draft_of(loaded, decider_of(request))
            return draft, loaded.text_sha256, loaded.schedule_sha256
    detail = "Send `draft` with `text_sha256` and `schedule_sha256`, or `text` and `schedule`."
    raise Refused("malformed", detail, (Fault("#", "one-of-two", detail),))


async def _body(request: Request, form: type[_Body], subject: str) -> _Body:
    with decoding(subject):
        return msgspec.json.decode(await request.body(), type=form)


async def _whole(request: Request, draft: AgreementDraft, *, status: int = 200) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    found, text, schedule = [], None, None
    if draft.words is not None and draft.schedule is not None:
        text, schedule = draft.words.decode(), msgspec.json.decode(draft.schedule, type=Schedule)
        found = await findings(registry.follower.view, draft.words, draft.schedule)
    whole = DraftWhole(
        draft=_line(draft),
        text=text,
        schedule=schedule,
        findings=[DraftFinding(one.file, one.at.removeprefix(":"), one.what) for one in found],
    )
    headers = {"Location": f"/api/v1/agreement-drafts/{draft.id}"} if status == 201 else None
    return json_response(whole, status=status, headers=headers)


def _line(draft: AgreementDraft) -> DraftLine:
    return DraftLine(
        id=draft.id,
        agreement=draft.agreement,
        version=draft.version,
        partnership=draft.partnership,
        state=draft.state,
        takes=events("draft", draft.state),
        text_sha256=draft.text_sha256.hex(),
        schedule_sha256=draft.schedule_sha256.hex(),
        reason=draft.reason,
        begun_at=instant(draft.begun_at),
        changed_at=instant(draft.changed_at),
        written_by=draft.written_by,
        submitted_by=draft.submitted_by,
        passed_by=draft.passed_by,
        entry=draft.entry,
    )


def _hashes(text_sha256: str, schedule_sha256: str) -> None:
    detail = "Send the SHA-256 that the draft was shown with: 64 lower-case hexadecimal digits."
    given = (("text_sha256", text_sha256), ("schedule_sha256", schedule_sha256))
    faults = tuple(Fault(f"#/{member}", "malformed", detail) for member, value in given if not _SHA256.fullmatch(value))
    if faults:
        raise Refused("unprocessable", detail, faults)


def _id(draft: str) -> str:
    if not _ID.fullmatch(draft):
        raise Refused("not-found", "There is no such draft.")
    return draft


def _drafts(request: Request) -> AgreementDrafts:
    drafts: AgreementDrafts = request.app.state.agreement_drafts
    return drafts


HANDLERS = [
    list_drafts,
    read_draft,
    begin_draft,
    revise_draft,
    submit_draft,
    return_draft,
    check_draft,
    discard_draft,
    publish_version,
]
