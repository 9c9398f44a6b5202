"""Figures for whoever keeps the service running: the state of the log, its history and its witnesses, and what was
refused (OpenMetrics).

Several workers share a port, and a scrape reaches any of them. What is of the log is the same from each; what one
worker counted carries its process id as the label `worker`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from litestar import Response
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from isa_registry.actions.locking_out import ENDS, ends_soon
from isa_registry.api.requests import Request
from isa_registry.api.routes import reads
from isa_registry.api.watching import Watch
from isa_registry.domain.dates import london_date
from isa_registry.runtime.registry import Registry
from isa_registry.store.outbox import Standing
from isa_registry.store.pool import DatabaseError, reading_for
from isa_registry.store.publication import STATES
from isa_registry.store.witnesses import STATES as WITNESS_STATES
from isa_registry.store.witnesses import StoredWitness, witnesses


@reads("/metrics")
async def metrics(request: Request) -> Response[bytes]:
    registry: Registry = request.app.state.registry
    try:
        async with reading_for(registry.reading, "") as connection:
            standing: Sequence[StoredWitness] = await witnesses(connection)
    except DatabaseError:
        # What is known without the database is wanted most just then.
        standing = ()
    collected = CollectorRegistry(auto_describe=False)
    collected.register(_LogState(registry, standing))
    collected.register(_Outbox(await request.app.state.notices.standing(), registry.now()))
    collected.register(_Refusals(request.app.state.watch))
    return Response(generate_latest(collected), headers={"Content-Type": CONTENT_TYPE_LATEST})


class _LogState(Collector):
    def __init__(self, registry: Registry, standing: Sequence[StoredWitness]) -> None:
        self._registry = registry
        self._witnesses = standing

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("isa_log", "Which log this is.", {"origin": self._registry.origin})
        yield from self._sizes()
        yield from self._history()
        yield from self._witness_figures()

    def _sizes(self) -> Iterator[Metric]:
        follower = self._registry.follower
        yield _gauge("isa_log_size", "Entries of the log that this worker has folded.", follower.view.size)
        for name, says, checkpoint in (
            ("checkpoint", "our newest signed checkpoint", follower.checkpoint),
            ("published", "the newest checkpoint that met the witness policy", follower.published),
        ):
            if checkpoint is not None:
                yield _gauge(f"isa_log_{name}_size", f"Entries that {says} covers.", checkpoint.size)
                yield _gauge(
                    f"isa_log_{name}_signed_timestamp_seconds",
                    f"When {says} was signed.",
                    checkpoint.signed_at.timestamp(),
                )

    def _history(self) -> Iterator[Metric]:
        follower, guard = self._registry.follower, self._registry.guard
        yield _gauge("isa_database_connected", "Whether the log was read within the last seconds.", follower.connected)
        yield _gauge(
            "isa_checkpointer_present",
            "Whether the checkpointer gave its word within the last seconds.",
            self._registry.checkpointer_present,
        )
        yield _gauge("isa_log_writable", "Whether anything is recorded.", self._registry.writes)
        yield _one_of("isa_log_history", "How sure it is that this is the log that was signed.", STATES, guard.state)
        warnings = GaugeMetricFamily("isa_log_warning", "What an operator must look at, by code.", labels=("code",))
        unit = (ENDS,) if ends_soon(follower.view, london_date(self._registry.now())) else ()
        for code in (*guard.reasons, *unit):
            warnings.add_metric((code,), 1)
        yield warnings

    def _witness_figures(self) -> Iterator[Metric]:
        states = GaugeMetricFamily("isa_witness_state", "How each witness stands.", labels=("witness", "state"))
        sizes = GaugeMetricFamily("isa_witness_size", "Entries that it last cosigned.", labels=("witness",))
        times = GaugeMetricFamily(
            "isa_witness_cosigned_timestamp_seconds", "When it last cosigned.", labels=("witness",)
        )
        for one in self._witnesses:
            for state in WITNESS_STATES:
                states.add_metric((one.name, state), one.state == state)
            if one.size is not None and one.cosigned_at is not None:
                sizes.add_metric((one.name,), one.size)
                times.add_metric((one.name,), one.cosigned_at.timestamp())
        yield from (states, sizes, times)


class _Outbox(Collector):
    """What waits to be sent, and what was given up."""

    def __init__(self, standing: Standing, now: datetime) -> None:
        self._standing = standing
        self._now = now

    def collect(self) -> Iterator[Metric]:
        standing = self._standing
        late = 0.0 if standing.oldest is None else max(0.0, (self._now - standing.oldest).total_seconds())
        yield _gauge("isa_notices_waiting", "Notices that wait to be sent.", standing.waiting)
        yield _gauge("isa_notices_late_seconds", "For how long the oldest of them has been due.", late)
        yield _gauge("isa_notices_dead", "Notices that were given up, until somebody sends them again.", standing.dead)
        yield _gauge("isa_notices_untold", "Notices of which nobody has an address.", standing.untold)
        yield _gauge("isa_webhooks_dead", "Events that were given up.", standing.webhooks_dead)


class _Refusals(Collector):
    """What this worker refused, and answered again, since it started."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def collect(self) -> Iterator[Metric]:
        watch = self._watch
        yield _counted("isa_refused", "Answers that refused, by the problem's code.", "reason", watch.refused)
        yield _counted(
            "isa_sign_in_refused", "Sign-ins and logouts of providers that were not taken.", "reason", watch.sign_ins
        )
        yield _counted("isa_rate_limited", "Requests over a quota, by its name.", "limit", watch.limited)
        yield _counted("isa_alarms", "Patterns that were said aloud in the log.", "pattern", watch.alarms)
        yield _counted("isa_replays", "Checks that were answered again, by what came out.", "verdict", watch.replays)


def _counted(name: str, says: str, label: str, figures: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, says, labels=("worker", label))
    for value, count in sorted(figures.items()):
        family.add_metric((str(os.getpid()), value), count)
    return family


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value)


def _one_of(name: str, says: str, states: Sequence[str], current: str) -> Metric:
    family = GaugeMetricFamily(name, says, labels=("state",))
    for state in states:
        family.add_metric((state,), state == current)
    return family


HANDLERS = [metrics]
