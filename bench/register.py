"""`make bench-register`: what thousands of bodies cost.

A register of 2,000 bodies that have all attested two agreements is folded from its entries, beside one of 20 bodies of
the same kinds. The same questions are decided on both in turn, and the attestation matrix is worked out and written
beside bare encoding of the same cells.

Medians and spread; the ratios come from the same round, so a machine that slows down slows both.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import msgspec

from demonstration import IN_FORCE, LOGGED_AT, attested, catalogue, catalogue_files, lawful_basis, published
from isa_registry.domain import entries
from isa_registry.domain.decisions import decide
from isa_registry.domain.party_entries import OrganisationRegistered, PolicyDocument
from isa_registry.domain.questions import Circumstances, Evidence, Question, Subject
from isa_registry.domain.register.apply import apply
from isa_registry.domain.register.register import Register, RegisterView
from isa_registry.domain.reporting.matrix import Matrix, Narrowing, counted, matrix, narrowed
from isa_registry.domain.reporting.tables import matrix_csv, matrix_lines

KINDS = (
    "local-authority", "police", "integrated-care-board", "nhs-trust", "maintained-school", "academy", "voluntary",
    "probation", "gp-practice", "housing-provider", "maintained-school", "academy", "maintained-school", "voluntary",
    "early-years", "college", "independent-school", "youth-justice", "maintained-school", "fire",
)  # fmt: skip
"""The kinds of every twenty bodies, so that few and many ask alike."""

PURPOSES = ("harm-outside-the-home", "child-protection-enquiry", "early-help", "crime-prevention", "missing-now")
CATEGORIES = ("identity", "intelligence", "missing-episodes", "health", "risk-assessment", "education", "family")
TODAY = "2026-11-27"


def body(number: int) -> str:
    return f"body-{number:05d}"


def payloads(bodies: int) -> Iterator[entries.Payload]:
    """A registry of so many bodies, all of which have attested both agreements and recorded their lawful bases."""
    yield entries.RegistryOpened(
        origin="bench.invalid/durham",
        partnership="durham",
        partnership_name="Durham",
        lead_body=body(0),
        attestation_key={},
    )
    files = {name: msgspec.json.decode(data) for name, data in catalogue_files().items()}
    yield entries.CatalogueChanged(sha256=catalogue().sha256, files=files)
    for number in range(bodies):
        yield OrganisationRegistered(
            organisation=body(number),
            name=f"Body {number}",
            organisation_kind=KINDS[number % len(KINDS)],
            policy_document=PolicyDocument("APD-1", "2027-03-31"),
        )
    for agreement, (on, review) in IN_FORCE.items():
        yield published(agreement)
        yield from (attested(body(number), agreement) for number in range(bodies))
        yield entries.AgreementInForce(agreement=agreement, version="1.0", on=on, review_due=review)
    law = catalogue()
    for number in range(bodies):
        for agreement in IN_FORCE:
            for line in published(agreement).schedule.purposes:
                row = law.row(law.kinds[KINDS[number % len(KINDS)]].row or "", law.purposes[line.code].matrix)
                if row is not None:
                    yield lawful_basis(body(number), agreement, line.code, row)


class Folded:
    """A register folded from its entries."""

    def __init__(self, bodies: int) -> None:
        self.register, self.size = Register(), 0
        for payload in payloads(bodies):
            apply(self.register, self.size, LOGGED_AT, payload)
            self.size += 1

    def view(self) -> RegisterView:
        return self.register.at(self.size)

    def anew(self) -> RegisterView:
        """The same, and nothing of it remembered, as after a change of the register."""
        self.register.forget_from(self.size)
        return self.view()


def questions(count: int, bodies: int, seed: int) -> list[Question]:
    """Questions between bodies drawn uniformly. The same seed gives the same questions between bodies of the same
    kinds, however many there are."""
    kinds, who = random.Random(seed), random.Random(-seed)
    found = []
    for _ in range(count):
        provider, recipient = kinds.sample(range(len(KINDS)), 2)
        spread = bodies // len(KINDS)
        first = kinds.randrange(len(CATEGORIES))
        found.append(
            Question(
                provider=body(provider + len(KINDS) * who.randrange(spread)),
                recipient=body(recipient + len(KINDS) * who.randrange(spread)),
                purpose=kinds.choice(PURPOSES),
                categories=(CATEGORIES[first], CATEGORIES[(first + 1) % len(CATEGORIES)]),
                subjects=(Subject(kind="child"),),
                circumstances=Circumstances(would_help_recipient=kinds.choice((True, False, None))),
            )
        )
    return found


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process: what else runs on the machine counts less than on the clock."""
    started = time.process_time()
    work()
    return time.process_time() - started


def decided(view: RegisterView, asked: list[Question]) -> None:
    for question in asked:
        decide(view, catalogue(), question, Evidence(), today=TODAY)


def spread(values: list[float], digits: int) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-register", description=__doc__)
    parser.add_argument("--bodies", type=int, default=2000, help="a multiple of 20")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--questions", type=int, default=2000)
    arguments = parser.parse_args()
    started = time.process_time()
    many, few = Folded(arguments.bodies), Folded(len(KINDS))
    print(f"{many.size} entries folded in {time.process_time() - started:.1f} s", file=sys.stderr)
    gc.collect()
    gc.freeze()
    _checks(many.view(), few.view(), arguments)
    _matrix(many, arguments)
    return 0


def _checks(many: RegisterView, few: RegisterView, arguments: argparse.Namespace) -> None:
    count, piece = arguments.questions, 100
    costs: list[tuple[float, float]] = []
    for number in range(arguments.rounds + 1):
        asked = [questions(count, bodies, number) for bodies in (len(KINDS), arguments.bodies)]
        few_seconds = many_seconds = 0.0
        # By turns, so that a slow moment of the machine is both's.
        for at in range(0, count, piece):
            few_seconds += seconds(lambda: decided(few, asked[0][at : at + piece]))  # noqa: B023 - called at once
            many_seconds += seconds(lambda: decided(many, asked[1][at : at + piece]))  # noqa: B023
        if number:  # the first round warms up
            costs.append((few_seconds / count * 1e6, many_seconds / count * 1e6))
            print(f"round {number}: {costs[-1][0]:.1f} and {costs[-1][1]:.1f} µs", file=sys.stderr)
    print(f"\n{arguments.rounds} rounds of {count} decisions between bodies drawn uniformly; median (least to most)\n")
    print(f"| a decision among | {len(KINDS)} bodies, µs | {arguments.bodies} bodies, µs | ratio of rates |")
    print("|---|---|---|---|")
    ratios = [few_cost / many_cost for few_cost, many_cost in costs]
    print(
        f"| the same questions | {spread([one for one, _ in costs], 1)} | {spread([one for _, one in costs], 1)} "
        f"| {spread(ratios, 2)} |"
    )


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
