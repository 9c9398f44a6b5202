"""The pages over the demonstration's register, and what a reader of HTML finds in one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from html.parser import HTMLParser
from types import SimpleNamespace

from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

from isa_registry.api.openapi import openapi_document
from isa_registry.api.problems import PROBLEMS
from isa_registry.api.routes import reads, writes
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.log_keys import LogKeys
from isa_registry.pages.problems import ProblemPage
from isa_registry.pages.site import Site, site_handlers
from isa_registry.pages.training import training_handlers
from isa_registry.runtime.comparisons import Comparisons
from running import signer_of

ORIGIN = "demo.isa-registry.invalid/durham"
SIGNER = signer_of(ORIGIN)
NOTE = SIGNER.sign(1, bytes(range(32)), 1_795_000_000)
ROOT = bytes(range(32))
TODAY = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RELATIONS = frozenset({
    "alternate", "canonical", "cite-as", "describedby", "latest-version", "next", "predecessor-version", "prev",
    "successor-version", "up", "version-history",
})  # fmt: skip
"""Of a document, in its head: a browser fetches none of them."""
VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})


def application(
    view: RegisterView, *, now: datetime = TODAY, demonstration: bool = False, keys: LogKeys = SIGNER.keys
) -> Litestar:
    """The pages alone, over a view; a checkpoint covers all but the last entry."""
    size = view.size - 1
    checkpoint = None if size < 1 else SimpleNamespace(size=size, note=NOTE, signed_at=now - timedelta(minutes=3))
    registry = SimpleNamespace(
        follower=SimpleNamespace(view=view, root=ROOT, checkpoint=checkpoint, published=checkpoint, connected=False),
        keys=keys,
        origin=ORIGIN,
        now=lambda: now,
    )
    problems = {code: ProblemPage(kind.status, kind.title, kind.advice) for code, kind in PROBLEMS.items()}
    site = Site(problems=problems, openapi=openapi_document("https://registry.test"))
    return Litestar(
        [*site_handlers(site, reads), *training_handlers(reads, partial(writes, status=200))],
        openapi_config=None,
        logging_config=None,
        state=State(
            {
                "comparisons": Comparisons(),
                "entry_times": SimpleNamespace(of=_times),
                "embedding_hosts": (),
                "registry": registry,
                "public_url": "https://registry.test",
                "demonstration": demonstration,
                "accessibility_contact": "access@registry.test",
            }
        ),
    )


async def _times(indexes: Collection[int]) -> dict[int, str]:
    return dict.fromkeys(indexes, "2026-06-01T00:00:00.000Z")


def browser(
    view: RegisterView, *, now: datetime = TODAY, demonstration: bool = False, keys: LogKeys = SIGNER.keys
) -> TestClient[Litestar]:
    """Asks for pages one at a time; a redirection is an answer."""
    client = TestClient(application(view, now=now, demonstration=demonstration, keys=keys))
    client.follow_redirects = False
    return client


class Page(HTMLParser):
    """What is on a page. Raises AssertionError for tags that do not balance."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[dict[str, str]] = []
        self.loaded: list[str] = []
        self.related: list[dict[str, str]] = []
        self.tags: Counter[str] = Counter()
        self.inline: list[str] = []
        self.headings: list[int] = []
        self.attributes: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self._open: list[str] = []
        assert html.startswith("<!DOCTYPE html>\n")
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        assert len(given) == len(attrs), f"an attribute of {tag} is there twice"
        self.tags[tag] += 1
        self.attributes.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given)
        if tag == "link" and given["rel"] in ("stylesheet", "icon"):
            self.loaded.append(given["href"])
        elif tag == "link":
            assert given["rel"] in RELATIONS, given["rel"]
            self.related.append(given)
        if "src" in given:
            self.loaded.append(given["src"])
        inline_script = tag == "script" and (given.get("type") != "module" or "src" not in given)
        if inline_script or tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data
