"""The addresses of agreements and clauses alone, over a register: a tenth of the whole site to set up."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

from isa_registry.api.problems import PROBLEMS
from isa_registry.api.routes import reads
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.clauses import clause_handlers
from isa_registry.pages.documents import document_handlers
from isa_registry.pages.identifiers import identifier_handlers
from isa_registry.pages.problems import ProblemPage
from isa_registry.pages.representing import Problems


def application(registry: SimpleNamespace) -> Litestar:
    """`registry` has `follower.view` and `now`."""
    problems = Problems({code: ProblemPage(one.status, one.title, one.advice) for code, one in PROBLEMS.items()})
    handlers = [make(reads, problems) for make in (identifier_handlers, document_handlers, clause_handlers)]
    return Litestar(
        [one for each in handlers for one in each],
        openapi_config=None,
        logging_config=None,
        state=State({"registry": registry, "public_url": "https://registry.test"}),
    )


def asked(view: RegisterView, now: datetime) -> TestClient[Litestar]:
    """Asks one at a time, accepting anything; a redirection is an answer."""
    registry = SimpleNamespace(follower=SimpleNamespace(view=view), now=lambda: now)
    client = TestClient(application(registry))
    client.follow_redirects = False
    client.headers.pop("accept")
    return client
