"""`make bench-tokens`: what it costs to know a warm token again, beside the check that it is shown for.

In every round the two take turns, so that a machine that slows down slows both: the processor time that a worker of a
running demonstration uses for an unrecorded check, and that of validating one of 10,000 warm tokens, in an order that
no cache foresees. Then as many tokens again, twice, to see whether memory grows. Exit status 1 if a warm token takes
15% of a check or more.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import random
import shutil
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench.bodies import questions
from bench.load import cpu_seconds
from identity.issuing import NOW, Clock, Facts, Network, Provider, client_granted, issuer_registered
from isa_registry.domain.register.register import RegisterView
from isa_registry.identity.issuers import IssuerKeys
from isa_registry.identity.tokens import WARM_TOKENS, TokenValidator
from isa_verify.encoding import canonical_json
from live import Demonstration

CEILING = 0.15
_CONNECTIONS = 8


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-tokens", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--checks", type=int, default=2000)
    parser.add_argument("--tokens", type=int, default=WARM_TOKENS)
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="isa-bench-"))
    directory.chmod(0o711)
    try:
        with Demonstration(directory / "state", workers=1, environment={"ISA_LOG_LEVEL": "warning"}) as running:
            share = asyncio.run(_measure(running, arguments))
    finally:
        shutil.rmtree(directory)
    return 0 if share < CEILING else 1


async def _measure(running: Demonstration, arguments: argparse.Namespace) -> float:
    view, provider, validator = _prepared()
    tokens = [provider.token(jti=f"{number:032}", exp=NOW + 900) for number in range(arguments.tokens)]
    for token in tokens:
        await validator.validate(token, view)
    bodies = [canonical_json(question) for question in questions(arguments.checks, record=False)]
    _checks_ms(running, bodies)
    rounds = [(_checks_ms(running, bodies), _warm_ms(validator, view, tokens)) for _ in range(arguments.rounds)]
    check, warm = [one for one, _ in rounds], [one for _, one in rounds]
    shares = [token / whole for whole, token in rounds]
    print(f"a check, unrecorded    {_spread([one * 1000 for one in check])} us of a worker's processor time")
    print(
        f"a warm token of {len(tokens):,}  {_spread([one * 1000 for one in warm])} us, {len(tokens[0])} characters each"
    )
    print(f"share                  {_spread([100 * share for share in shares])} %, ceiling {100 * CEILING:.0f} %")
    await _grow(validator, provider, view, arguments.tokens)
    return statistics.median(shares)


def _prepared() -> tuple[RegisterView, Provider, TokenValidator]:
    provider = Provider("https://login.example/realms/safeguarding")
    view = Facts().log(issuer_registered(provider), client_granted("checks:ask", "events:write", "events:read"))
    clock = Clock()
    return view, provider, TokenValidator(IssuerKeys(Network(provider), clock), clock)


def _checks_ms(running: Demonstration, bodies: list[bytes]) -> float:
    """Milliseconds of the worker's processor time for each check, over connections that stay open."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {running.token()}"}
    workers = running.worker_pids()

    def ask(part: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=30)
        for body in part:
            connection.request("POST", "/api/v1/checks", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"a check was answered with {answer.status}")
        connection.close()

    before = cpu_seconds(workers)
    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        list(pool.map(ask, [bodies[start::_CONNECTIONS] for start in range(_CONNECTIONS)]))
    return (cpu_seconds(workers) - before) / len(bodies) * 1000


def _warm_ms(validator: TokenValidator, view: RegisterView, tokens: list[str]) -> float:
    shown = random.Random(1).choices(tokens, k=20_000)
    before = time.process_time()
    known = sum(validator.validate_warm(token, view) is not None for token in shown)
    spent = time.process_time() - before
    if known != len(shown):
        raise RuntimeError("a token was not warm")
    return spent / len(shown) * 1000


async def _grow(validator: TokenValidator, provider: Provider, view: RegisterView, count: int) -> None:
    sizes = [_resident()]
    for more in (1, 2):
        for number in range(count):
            await validator.validate(provider.token(jti=f"{more}-{number:030}", exp=NOW + 900), view)
        sizes.append(_resident())
    print(f"resident memory        {sizes[0]:.1f} MiB, after {count:,} others {sizes[1]:.1f}, and again {sizes[2]:.1f}")


def _resident() -> float:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * 4096 / 2**20


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


if __name__ == "__main__":
    sys.exit(main())
