"""A withdrawal holds on every connected worker: two processes on one database, asked at once when it is logged."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from consents.calling import CONSENTS, TAKEN_BACK, consent, question, reference
from live import Demonstration

ASKERS = 12
WITHDRAWALS = 400


@pytest.mark.long
def test_no_answer_after_it_rests_on_what_was_withdrawn(tmp_path: Path) -> None:
    """How long from sending the withdrawal until whoever asks at any worker has the answer that knows of it."""
    with (
        Demonstration(tmp_path / "state", workers=2) as running,
        running.client("harbour", "checks:ask consents:write consents:read") as client,
        ThreadPoolExecutor(ASKERS) as pool,
    ):
        headers = dict(client.headers)
        # A connection each: the kernel spreads them over both workers' sockets.
        askers = [httpx.Client(base_url=running.url, headers=headers, timeout=20) for _ in range(ASKERS)]
        known, acknowledged = [], []
        for _ in range(WITHDRAWALS):
            ref = reference()
            given = client.post(CONSENTS, json=consent(ref)).raise_for_status().json()
            asked = question(ref, record=False)
            before = [one.post("/api/v1/checks", json=asked).json() for one in askers[:2]]
            assert ["may-share"] * 2 == [one["outcome"] for one in before]
            sent = time.perf_counter()
            client.post(f"{CONSENTS}/{given['id']}/withdrawal", json=TAKEN_BACK).raise_for_status()
            acknowledged.append(time.perf_counter() - sent)

            def told(
                asker: httpx.Client, asked: dict[str, object] = asked, sent: float = sent
            ) -> tuple[str, bool, float]:
                answer = asker.post("/api/v1/checks", json=asked).json()
                return answer["outcome"], answer["stale"], time.perf_counter() - sent

            answers = list(pool.map(told, askers))
            assert [("do-not-share", False)] * ASKERS == [(outcome, stale) for outcome, stale, _ in answers]
            known += [seconds for *_, seconds in answers]
        for asker in askers:
            asker.close()
    figures = {
        name: (statistics.median(of) * 1000, statistics.quantiles(of, n=100)[98] * 1000, max(of) * 1000)
        for name, of in (("acknowledged", acknowledged), ("known everywhere", known))
    }
    print({name: tuple(round(one) for one in of) for name, of in figures.items()})
    assert figures["known everywhere"][1] < 1000
