"""`make bench-register`: the attestation matrix of two thousand bodies.

A register of 2,000 bodies that have all attested two agreements is folded from its entries; the matrix is worked out
and written beside bare encoding of the same cells.

Medians and spread; the ratios come from the same round, so a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import msgspec

from bench.partnership import TODAY, Folded
from isa_registry.domain.reporting.matrix import Matrix, Narrowing, counted, matrix, narrowed
from isa_registry.domain.reporting.tables import matrix_csv, matrix_lines


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process: what else runs on the machine counts less than on the clock."""
    started = time.process_time()
    work()
    return time.process_time() - started


def spread(values: list[float], digits: int) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-register", description=__doc__)
    parser.add_argument("--bodies", type=int, default=2000, help="a multiple of 20")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    started = time.process_time()
    many = Folded(arguments.bodies, local_agreements=0)
    print(f"{many.size} entries folded in {time.process_time() - started:.1f} s", file=sys.stderr)
    gc.collect()
    gc.freeze()
    _matrix(many, arguments)
    return 0


_ANEW = "worked out anew, after a change of the register"


def _matrix(register: Folded, arguments: argparse.Namespace) -> None:
    found, asked = matrix(register.view(), TODAY), Narrowing(sort="state")
    cells = sum(len(row.cells) for row in found.rows)
    encode = msgspec.json.Encoder().encode
    plain, lines = msgspec.to_builtins(found), list(matrix_lines(found))

    def as_csv(whole: Matrix) -> bytes:
        return matrix_csv(narrowed(whole, asked))

    costs: dict[str, list[float]] = {_ANEW: []}
    work: dict[str, Callable[[], object]] = {
        "sorted, counted, as JSON": lambda: (counted(found), encode(narrowed(found, asked))),
        "bare encoding of the same as JSON": lambda: encode(plain),
        "sorted, as CSV": lambda: as_csv(found),
        "bare joining of the same strings": lambda: "\r\n".join(map(",".join, lines)).encode(),
    }
    for _ in range(arguments.rounds):
        view = register.anew()
        costs[_ANEW].append(seconds(lambda: matrix(view, TODAY)))  # noqa: B023 - called at once
        for name, one in work.items():
            costs.setdefault(name, []).append(seconds(one))
    view = register.anew()
    memories = [_memory(lambda: matrix(view, TODAY)), _memory(lambda: encode(narrowed(found, asked))), None]
    memories += [_memory(lambda: as_csv(found)), None]
    print(f"\nThe attestation matrix of {len(found.rows)} bodies and {len(found.columns)} versions, {cells} cells\n")
    print("| what | ms | µs a cell | MiB it leaves, at most while it works |")
    print("|---|---|---|---|")
    for (name, values), memory in zip(costs.items(), memories, strict=True):
        each = statistics.median(values) / cells * 1e6
        print(f"| {name} | {spread([one * 1e3 for one in values], 1)} | {each:.2f} | {memory or ''} |")


def _memory(work: Callable[[], object]) -> str:
    tracemalloc.start()
    kept = work()
    left, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return f"{left / 2**20:.1f}, {most / 2**20:.1f}"


if __name__ == "__main__":
    sys.exit(main())
