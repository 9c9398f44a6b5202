"""The registry on a socket of this machine, in a thread of this process: agreements are published here at a word."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
from granian.constants import Interfaces
from granian.server.embed import Server

from isa_registry.domain.agreement_entries import AgreementInForce, AgreementPublished
from isa_registry.domain.agreement_loading import read_schedule
from isa_registry.domain.payloads import PayloadStruct
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft
from isa_verify.encoding import canonical_json
from live import free_port
from serving import Serving, serving

AGREEMENT = "walking-home"
OLD = {
    "1": ("Why", "So that children get home."),
    "1.1": ("Who walks", "A grown-up walks with each child."),
    "1.2": ("Who waits", "Somebody waits at the gate."),
    "1.3": ("Whom to ring", "Ring the school."),
    "1.4": ("Lists", "Keep a list. Shred the list."),
    "2": ("Where", "On the marked way."),
}
NEW = {
    "1": ("Why", "So that children get home."),
    "1.1": ("Who walks", "A grown-up whom the child knows walks with each child."),
    "1.5": ("Who waits", "Somebody waits at the gate."),
    "1.6": ("Lists", "Keep a list."),
    "1.7": ("Lists at the end", "Shred the list."),
    "2": ("Where", "On the marked way."),
}
HEIRS = {"1.2": ("1.5",), "1.3": (), "1.4": ("1.6", "1.7")}
Clauses = Mapping[str, tuple[str, str]]


def words(agreement: str, version: str, clauses: Clauses) -> str:
    parts = [f"# Walking home\n\nAgreement `{agreement}`, version `{version}`.\n"]
    parts += [
        f"{'#' * (id_.count('.') + 2)} {id_} {head} {{#{id_}}}\n\n{text}\n" for id_, (head, text) in clauses.items()
    ]
    return "\n".join(parts)


def published(
    agreement: str, version: str, clauses: Clauses, heirs: Mapping[str, tuple[str, ...]], day: str
) -> AgreementPublished:
    """A version as its entry has it."""
    schedule = read_schedule(
        canonical_json(
            {
                "agreement": agreement, "version": version, "title": "Walking home", "tier": 1, "effective_from": day,
                "review_due": "2030-01-01", "signatory_roles": {}, "contacts": [], "retention": [],
                "purposes": [{"code": "early-help", "clause": "1", "categories": ["identity"]}],
                **({"heirs": {gone: list(one) for gone, one in heirs.items()}} if heirs else {}),
            }
        )
    )  # fmt: skip
    text = words(agreement, version, clauses)
    return AgreementPublished(
        agreement, version, text, hashlib.sha256(text.encode()).hexdigest(), schedule, schedule_sha256="0" * 64
    )


class Site:
    """The registry as it runs here. `learning` is the origin of a training site that may frame its clauses."""

    def __init__(self, database_url: str, place: Path) -> None:
        self.port, self.learning_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.learning = f"http://127.0.0.1:{self.learning_port}"
        self._loop = asyncio.new_event_loop()
        self._ready: Future[Serving] = Future()
        self._over = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(database_url, place),))

    async def _run(self, database_url: str, place: Path) -> None:
        hosts = (f"127.0.0.1:{self.port}",)
        try:
            async with serving(
                database_url, place, public_url=self.url, allowed_hosts=hosts, embedding_hosts=(self.learning,)
            ) as running:
                server = Server(running.frame, port=self.port, interface=Interfaces.ASGINL, log_enabled=False)
                task = asyncio.create_task(server.serve())
                self._ready.set_result(running)
                await self._over.wait()
                server.stop()
                await task
        except BaseException as error:
            if not self._ready.done():
                self._ready.set_exception(error)
            raise

    def __enter__(self) -> Site:
        self._thread.start()
        self.serving = self._ready.result(60)
        self.client = httpx.Client(base_url=self.url, timeout=20, transport=httpx.HTTPTransport(retries=20))
        self.publish("1.0", OLD)
        self.publish("1.1", NEW, HEIRS, day="2026-11-20")
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(30)

    @property
    def view(self) -> RegisterView:
        return self.serving.registry.follower.view

    def publish(
        self,
        version: str,
        clauses: Clauses,
        heirs: Mapping[str, tuple[str, ...]] | None = None,
        *,
        agreement: str = AGREEMENT,
        day: str | None = "2026-06-01",
    ) -> None:
        """Publishes a version and brings it into force on a day, where one is named."""
        self.log(published(agreement, version, clauses, heirs or {}, day or "2030-01-01"))
        if day is not None:
            self.log(AgreementInForce(agreement, version, day, review_due="2030-01-01"))

    def log(self, payload: PayloadStruct) -> int:
        """Appends an entry; its index, once it is read here."""
        return asyncio.run_coroutine_threadsafe(self._log(payload), self._loop).result(20)

    async def _log(self, payload: Any) -> int:
        registry = self.serving.registry
        appended = await registry.sequencer.append(Draft(payloads=(payload,)))
        await registry.follower.wait_for_size(appended.size, seconds=5)
        return appended.index

    def check(self, *links: str) -> list[dict[str, Any]]:
        answer = self.client.post("/api/v1/agreements/links/check", json={"links": links})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["links"]
        return found
