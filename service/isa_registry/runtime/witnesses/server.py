"""A witness over HTTP (C2SP tlog-witness): takes checkpoints, cosigns what extends all it has cosigned, shows the last.

One thread answers one request at a time, and the new state is on the disk before the answer leaves: between looking at
the record and replacing it there is nothing, so that no two answers can start from one record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import structlog

from isa_registry.ledger.witness import (
    Logs,
    Recorded,
    Submission,
    WitnessRefusal,
    accept,
    answer_of,
    contradiction,
    read_submission,
)
from isa_registry.runtime.rate_limit import RateLimit
from isa_registry.runtime.witnesses.place import WitnessPlace
from isa_registry.runtime.witnesses.small_http import HttpRequest, HttpResponse

_log = structlog.get_logger(__name__)

PEER_PER_SECOND, PEER_BURST = 10.0, 50
TOTAL_PER_SECOND, TOTAL_BURST = 50.0, 200

_MONITORED = re.compile(r"/([0-9a-f]{64})/checkpoint")


class WitnessServer:
    """Answers requests to one witness. `now` gives POSIX seconds, `monotonic` seconds that never go back."""

    def __init__(
        self, place: WitnessPlace, logs: Logs, *, now: Callable[[], float], monotonic: Callable[[], float]
    ) -> None:
        self._place = place
        self._logs = logs
        self._now = now
        self._peers = RateLimit(PEER_PER_SECOND, PEER_BURST, monotonic)
        self._total = RateLimit(TOTAL_PER_SECOND, TOTAL_BURST, monotonic)
        self._origins = {hashlib.sha256(origin.encode()).hexdigest(): origin for origin in logs}

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What a request is answered, once everything that it changes is stored."""
        if not self._peers.allows(request.peer) or not self._total.allows(""):
            _log.warning("witness-refused", code="too-many-requests", status=429)
            return _plain(429, "too-many-requests: come again in a moment.", {"Retry-After": "1"})
        monitored = _MONITORED.fullmatch(request.path)
        if request.path != "/add-checkpoint" and monitored is None:
            return _plain(404, "not-found: there is nothing here.")
        if request.method != ("POST" if monitored is None else "GET"):
            return _plain(405, "method-not-allowed.", {"Allow": "POST" if monitored is None else "GET, HEAD"})
        return self._add_checkpoint(request.body) if monitored is None else self._newest(monitored[1])

    def _newest(self, origin_hash: str) -> HttpResponse:
        record = self._place.records.get(self._origins.get(origin_hash, ""))
        if record is None:
            return _plain(404, "not-found: this witness has cosigned no checkpoint of such a log.")
        return HttpResponse(status=200, body=record.note, headers={"Cache-Control": "no-cache"})

    def _add_checkpoint(self, body: bytes) -> HttpResponse:
        try:
            submission = read_submission(body, self._logs)
        except WitnessRefusal as refusal:
            return _refused(refusal, None)
        origin = submission.checkpoint.origin
        recorded = self._place.records.get(origin)
        try:
            self._keep_evidence(submission, recorded, body)
            record, lines = accept(submission, recorded, self._place.cosigner, int(self._now()))
            self._place.save({**self._place.records, origin: record})
        except WitnessRefusal as refusal:
            return _refused(refusal, origin)
        except OSError:
            _log.error("witness-refused", code="state-unwritable", status=503, origin=origin)
            return _plain(503, "state-unwritable: the witness cannot store what it would cosign.")
        _log.info("cosigned", origin=origin, size=record.checkpoint.size)
        return HttpResponse(status=200, body=answer_of(lines))

    def _keep_evidence(self, submission: Submission, recorded: Recorded | None, body: bytes) -> None:
        sort = contradiction(submission, recorded)
        if sort is None or recorded is None:
            return
        try:
            kept = self._place.keep_evidence(sort, recorded, submission, body)
        except OSError:
            _log.error("evidence-lost", origin=submission.checkpoint.origin, sort=sort)
            return
        say = _log.error if sort == "fork" else _log.warning
        say("log-contradicts-itself", origin=submission.checkpoint.origin, sort=sort, newly_kept=kept)


def _refused(refusal: WitnessRefusal, origin: str | None) -> HttpResponse:
    # The origin is one of this witness's own list, or is left out.
    _log.warning("witness-refused", code=refusal.code, status=refusal.status, origin=origin)
    content_type, body = refusal.body
    return HttpResponse(status=refusal.status, body=body, content_type=content_type)


def _plain(status: int, sentence: str, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status=status, body=f"{sentence}\n".encode(), headers=headers or {})
