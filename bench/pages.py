"""`make bench-pages`: what the public pages cost the server, each beside a bare route that answers the same bytes.

Nobody is signed in. The bare route is of the same application and worker, past every middleware, so it is what the
framework and the network take for so many bytes. Where a page has an ETag, what asking for it again costs is measured
too. They take turns within a round, so a machine that slows down slows them together.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import httpx

from bench.load import Run, database_pids, run_gets, spread
from live import Demonstration

_TIER_1, _TIER_2 = "/agreements/tier-1/1.0", "/agreements/tier-2-hoth/1.0"

ADDRESSES: dict[str, str] = {
    "the start": "/",
    "the agreements": "/agreements",
    "an agreement's version": _TIER_1,
    "another": _TIER_2,
    "a version as it was signed": f"{_TIER_1}.md",
    "a version to print": f"{_TIER_1}/print",
    "a clause": f"{_TIER_1}/clause/7.2",
    "a clause as JSON-LD": f"{_TIER_1}/clause/7.2.jsonld",
    "a clause to embed": f"/embed{_TIER_1}/clause/7.2",
    "oEmbed": f"/oembed?url={{url}}{_TIER_1}/clause/7.2",
    "the feed of changes": "/agreements/tier-1/changes.atom",
    "clauses for training": "/training?agreement=tier-2-hoth&clause=5.3",
    "comparing versions": "/agreements/tier-1/compare?from=1.0&to=1.0",
    "the register of agreements": "/register-of-agreements",
    "the law": "/law",
    "a provision": "/law/provisions/ca-2004-s16la",
    "the log": "/log",
    "immediate danger": "/immediate-danger",
    "a clause by the interface": "/api/v1/agreements/tier-1/versions/1.0/clauses/7.2",
}
"""What is measured: a page that everybody can read has its line here. `{url}` is where the registry is."""


@dataclass(frozen=True)
class Page:
    """An address, how many bytes it answers, and the ETag of those, if it has one."""

    name: str
    path: str
    size: int
    etag: str | None


@dataclass(frozen=True)
class Round:
    """What one round measured of one page; `again` is asking for what one has already."""

    page: Run
    bare: Run
    again: Run | None


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        print("The load comes from wrk: apt-get install wrk, then try again.", file=sys.stderr)
        return 2
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        environment = {"ISA_BENCH": "1", "ISA_LOG_LEVEL": "warning"}
        with Demonstration(directory / "state", workers=1, environment=environment) as running:
            with httpx.Client(base_url=running.url) as client:
                pages = [_page(client, name, path.format(url=running.url)) for name, path in ADDRESSES.items()]
            _report(pages, _measure(running, pages, arguments), arguments)
    finally:
        shutil.rmtree(directory)
    return 0


def _page(client: httpx.Client, name: str, path: str) -> Page:
    """The page as it is now, whose bytes the bare route has from here on."""
    answer = client.get(path).raise_for_status()
    if answer.status_code != 200:
        raise RuntimeError(f"{path} is somewhere else")
    client.post("/bench/page", params={"name": _key(path)}, content=answer.content).raise_for_status()
    return Page(name, path, len(answer.content), answer.headers.get("ETag"))


def _key(path: str) -> str:
    """The name under which the bare route has the page: a word that goes into any address."""
    return hashlib.sha256(path.encode()).hexdigest()[:16]


def _measure(running: Demonstration, pages: list[Page], arguments: argparse.Namespace) -> dict[str, list[Round]]:
    how: dict[str, Any] = {
        "seconds": arguments.seconds, "connections": arguments.connections,
        "workers": running.worker_pids(), "database": database_pids(running.state),
    }  # fmt: skip
    rounds: dict[str, list[Round]] = defaultdict(list)
    for number in range(arguments.rounds):
        for page in pages:
            bare = run_gets(f"{running.url}/bench/page/{_key(page.path)}", **how)
            done = run_gets(running.url + page.path, **how)
            again = None if page.etag is None else run_gets(running.url + page.path, etag=page.etag, **how)
            rounds[page.path].append(Round(done, bare, again))
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr)
    return rounds


def _report(pages: list[Page], rounds: dict[str, list[Round]], arguments: argparse.Namespace) -> None:
    print(
        f"\n{arguments.rounds} rounds of {arguments.seconds} s, {arguments.connections} connections, one worker; "
        "median (least to most)\n"
    )
    print(
        "| page | address | kB | worker CPU ms a page | the bare route's | rate per CPU second, to its "
        "| asked again, ms | database CPU ms | p99 ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for page in pages:
        found = rounds[page.path]
        again = [one.again.worker_ms for one in found if one.again is not None]
        cells = [
            page.name,
            f"`{page.path}`",
            f"{page.size / 1000:.1f}",
            spread([one.page.worker_ms for one in found], 2),
            spread([one.bare.worker_ms for one in found], 2),
            spread([one.bare.worker_ms / one.page.worker_ms for one in found], 2),
            spread(again, 2) if again else "",
            spread([one.page.database_ms for one in found], 3),
            spread([one.page.p99_ms for one in found], 1),
        ]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
