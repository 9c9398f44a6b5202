"""`python -m bench.verify [DIR] [--entries N]`: how fast a log is verified, beside the hashing that must be done.

DIR is a copy of a log with its entries, `--vkeys` its keys; without one, a log of N entries is made. In every round the
bare hashing and the verifier take turns, so that a machine that slows down slows both. Ratios are of medians.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "service"))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from isa_verify.audit import Options, audit_log
from isa_verify.checkpoint import Checkpoint
from isa_verify.directory import DirectoryLog
from isa_verify.errors import AccessDeniedError
from isa_verify.leaf import FIRST_PREV
from isa_verify.log_keys import Keys, parse_keys
from isa_verify.merkle import Frontier, perfect_root
from isa_verify.note import ED25519, VerifierKey, format_note, parse_note, sign_ed25519
from isa_verify.processes import in_processes
from isa_verify.tiles import FULL_WIDTH, encode_bundle, parse_bundle, tile_path

ORIGIN = "registry.example.org/bench"
_LONG = 2_000_000
TREE_AT_LEAST, ENTRIES_AT_LEAST, TWO_AT_LEAST = 0.5, 0.25, 1.7


@dataclass(frozen=True)
class Figures:
    """Seconds are medians. A ratio of 1 would be verification at the speed of the bare hashing; `two_processes` is how
    many times as fast two are as one, and `two_ceiling` the same of bare hashing, which is what the machine gives."""

    entries: int
    node_hashing_seconds: float
    tree_seconds: float
    tree_ratio: float
    hashing_seconds: float
    entries_seconds: float
    entries_ratio: float
    two_processes_seconds: float
    two_processes: float
    two_ceiling: float

    @property
    def enough(self) -> bool:
        return (
            self.tree_ratio >= TREE_AT_LEAST
            and self.entries_ratio >= ENTRIES_AT_LEAST
            and self.two_processes >= TWO_AT_LEAST
        )


def make_log(directory: Path, count: int) -> Keys:
    """Write a log of so many entries, twenty a second, and return its keys."""
    key = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"bench").digest())
    levels: list[list[bytes]] = [[]]
    bundle: list[bytes] = []
    frontier, previous = Frontier(), FIRST_PREV
    for index in range(count):
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_775_001_600 + index // 20))
        commitment = hashlib.sha256(b"%d" % index).hexdigest()
        entry = (
            f'{{"at":"{at}.{index % 20 * 50:03}Z","commitment":"{commitment}","kind":"record","origin":"{ORIGIN}",'
            f'"prev":"{previous}","seq":{index},"v":1}}'
        ).encode()
        digest = hashlib.sha256(b"\x00" + entry).digest()
        previous = digest.hex()
        bundle.append(entry)
        levels[0].append(digest)
        if len(bundle) == FULL_WIDTH or index == count - 1:
            _write(directory, tile_path("entries", index // FULL_WIDTH, len(bundle)), encode_bundle(bundle))
            bundle = []
    frontier = frontier.extend(levels[0])
    while levels[-1]:
        hashes, above = levels[-1], []
        for start in range(0, len(hashes), FULL_WIDTH):
            tile = b"".join(hashes[start : start + FULL_WIDTH])
            _write(directory, tile_path(len(levels) - 1, start // FULL_WIDTH, len(tile) // 32), tile)
            if len(tile) == 32 * FULL_WIDTH:
                above.append(perfect_root(tile))
        levels.append(above)
    text = Checkpoint(ORIGIN, count, frontier.root()).text()
    _write(directory, "checkpoint", format_note(text, [sign_ed25519(ORIGIN, key, text)]))
    return [VerifierKey(ORIGIN, ED25519, key.public_key().public_bytes_raw())]


def measure(directory: Path, keys: Keys, *, rounds: int = 3) -> Figures:
    """Verify the copy of a log, with its entries, over and over beside the bare hashing."""
    source = DirectoryLog(directory)
    size = Checkpoint.parse(parse_note(source.fetch("checkpoint")).text).size

    def hashes_alone(path: str) -> bytes:
        if path.startswith("tile/entries"):
            raise AccessDeniedError("access-denied", "Kept back, to time the tree alone.")
        return source.fetch(path)

    works: dict[str, Callable[[], float]] = {
        "nodes": lambda: _seconds(lambda: _hash_nodes(size)),
        "tree": lambda: _seconds(lambda: audit_log(hashes_alone, keys)),
        "hashing": lambda: _hash_entries(source, size) + _seconds(lambda: _hash_nodes(size)),
        "one": lambda: _seconds(lambda: audit_log(source.fetch, keys)),
        "one alone": lambda: _seconds(lambda: _hash_nodes(_LONG)),
        "two alone": lambda: _hash_in_two(_LONG),
        "two": lambda: _seconds(lambda: audit_log(source.fetch, keys, options=Options(read=in_processes(source, 2)))),
    }
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(work())
    median = {name: statistics.median(seconds) for name, seconds in taken.items()}
    return Figures(
        entries=size,
        node_hashing_seconds=round(median["nodes"], 3),
        tree_seconds=round(median["tree"], 3),
        tree_ratio=round(median["nodes"] / median["tree"], 2),
        hashing_seconds=round(median["hashing"], 3),
        entries_seconds=round(median["one"], 3),
        entries_ratio=round(median["hashing"] / median["one"], 2),
        two_processes_seconds=round(median["two"], 3),
        two_processes=round(median["one"] / median["two"], 2),
        two_ceiling=round(median["one alone"] / median["two alone"], 2),
    )


def _hash_nodes(size: int) -> None:
    """As many hashes as the tree has nodes above its leaves."""
    sha256, pair = hashlib.sha256, b"\x01" + bytes(64)
    for _ in range(size - 1):
        sha256(pair).digest()


def _hash_in_two(size: int) -> float:
    """The seconds in which two processes that are there already do as many hashes together."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(_hash_nodes, [1, 1], chunksize=1)
        return _seconds(lambda: pool.map(_hash_nodes, [size // 2, size // 2], chunksize=1))


def _hash_entries(source: DirectoryLog, size: int) -> float:
    """The seconds that hashing every entry takes; reading them from their bundles is not counted."""
    sha256, seconds = hashlib.sha256, 0.0
    for number in range(-(-size // FULL_WIDTH)):
        width = min(FULL_WIDTH, size - number * FULL_WIDTH)
        entries = parse_bundle(source.fetch(tile_path("entries", number, width)), width)
        start = time.perf_counter()
        for entry in entries:
            sha256(b"\x00" + entry).digest()
        seconds += time.perf_counter() - start
    return seconds


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _write(directory: Path, path: str, data: bytes) -> None:
    (directory / path).parent.mkdir(parents=True, exist_ok=True)
    (directory / path).write_bytes(data)


def main() -> int:
    """Print the figures as JSON; status 1 where they are not enough."""
    parser = argparse.ArgumentParser(prog="bench.verify", description=__doc__)
    parser.add_argument("directory", nargs="?", type=Path)
    parser.add_argument("--vkeys", type=Path)
    parser.add_argument("--entries", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="isa-bench-verify-") as made:
        if arguments.directory is None:
            directory = Path(made)
            keys = make_log(directory, arguments.entries)
        else:
            directory, keys = arguments.directory, parse_keys(arguments.vkeys.read_bytes())
        figures = measure(directory, keys, rounds=arguments.rounds)
    print(json.dumps({**asdict(figures), "enough": figures.enough, "load": os.getloadavg()[0]}, indent=1))
    return 0 if figures.enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
