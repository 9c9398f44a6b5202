"""`make bench-deciding`: what a decision costs beside encoding its answer, and how it depends on the number of bodies.

10,000 distinct questions a round, decided by turns on registers of 1,000, 20 and 10,000 bodies and fifty agreements, in
processor time. The register is compiled for asking; no answer is remembered.
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

from bench.partnership import PURPOSES, TODAY, Folded, body, questions
from demonstration import catalogue
from isa_registry.domain.decisions import decide
from isa_registry.domain.decisions.ground import day_of
from isa_registry.domain.questions import Evidence, Question
from isa_registry.domain.register.register import RegisterView

THE_REGISTER, FEW, MANY = 1_000, 20, 10_000
A_SECOND, OF_FEW, OF_MANY = 20_000, 0.9, 0.75
_PIECE = 250

encode = msgspec.json.Encoder().encode


def seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process: what else runs on the machine counts less than on the clock."""
    started = time.process_time()
    work()
    return time.process_time() - started


def decided(view: RegisterView, asked: list[Question]) -> list[object]:
    law, nothing = catalogue(), Evidence()
    return [decide(view, law, question, nothing, today=TODAY) for question in asked]


def spread(values: list[float], digits: int) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def _round(registers: list[Folded], count: int, seed: int) -> tuple[list[float], float]:
    """Seconds for each register, and for encoding the first one's answers. By turns in small pieces, so that a slow
    moment of the machine is everybody's."""
    asked = [questions(count, register.bodies, seed) for register in registers]
    views = [register.view() for register in registers]
    costs, encoding = [0.0] * len(registers), 0.0
    for at in range(0, count, _PIECE):
        for place, view in enumerate(views):
            started = time.process_time()
            answers = decided(view, asked[place][at : at + _PIECE])
            ended = time.process_time()
            costs[place] += ended - started
            if not place:
                for answer in answers:
                    encode(answer)
                encoding += time.process_time() - ended
            del answers
    return costs, encoding


def compile_whole(register: Folded, view: RegisterView) -> None:
    """Looks at every body for every purpose, as questions about each of them would."""
    day = day_of(view, catalogue(), TODAY, TODAY)
    for purpose in PURPOSES:
        for number in range(register.bodies):
            day.body(body(number)).footing(day.matter(purpose))


def _compiled(register: Folded) -> tuple[float, float]:
    """MiB that a register holds for asking once every body was asked about for five purposes, and the microseconds that
    each body's first questions cost more for it."""
    view = register.anew()
    cost = seconds(lambda: compile_whole(register, view))
    view = register.anew()
    tracemalloc.start()
    compile_whole(register, view)
    decided(view, questions(2_000, register.bodies, 99))
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return left / 2**20, cost / register.bodies * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-deciding", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--bodies", type=int, nargs=3, default=[THE_REGISTER, FEW, MANY], help="multiples of 20")
    arguments = parser.parse_args()
    one, few, many = arguments.bodies
    registers = [Folded(bodies) for bodies in arguments.bodies]
    for register in registers:
        compile_whole(register, register.view())
    gc.collect()
    gc.freeze()
    count, rounds = arguments.questions, []
    for number in range(arguments.rounds + 2):
        found = _round(registers, count, number)
        if number > 1:  # the first ones warm up: of 10,000 bodies each is to have been asked about
            rounds.append(found)
            print(
                f"round {number - 1}: {', '.join(f'{one / count * 1e6:.1f}' for one in found[0])} µs", file=sys.stderr
            )
    held, first = _compiled(registers[2])
    of_few = [costs[1] / costs[0] for costs, _ in rounds]
    of_many = [costs[1] / costs[2] for costs, _ in rounds]
    print(
        f"\n{arguments.rounds} rounds of {count:,} distinct questions, fifty agreements, processor time; "
        "median (least to most)\n\n"
        "| what | measured | target |\n|---|---|---|\n"
        f"| decisions a second, {one:,} bodies | {spread([count / costs[0] for costs, _ in rounds], 0)} "
        f"| {A_SECOND:,} or more |\n"
        f"| encoding their answers, a second | {spread([count / encoding for _, encoding in rounds], 0)} | |\n"
        f"| a decision, µs | {spread([costs[0] / count * 1e6 for costs, _ in rounds], 1)} "
        f"| {1e6 / A_SECOND:.0f} or less |\n"
        f"| rate on {one:,} bodies to that on {few} | {spread(of_few, 2)} | {OF_FEW} or more |\n"
        f"| rate on {many:,} bodies to that on {few} | {spread(of_many, 2)} | {OF_MANY} or more |\n"
        f"| MiB that {many:,} bodies take, compiled | {held:.1f} | |\n"
        f"| µs to compile a body, once after each change of the register | {first:.0f} | |"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
