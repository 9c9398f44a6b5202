"""Carrying out, from a page, what one person decides: what is refused is shown in the form again."""

from __future__ import annotations

from collections.abc import Callable

from isa_registry.actions.deciding import Decider
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Appended, Draft
from isa_registry.pages.changing import Rejected, rejected
from isa_registry.pages.forms import Form
from isa_registry.pages.people import caller_of, registry_of
from isa_registry.pages.rendering import Request
from isa_registry.runtime.access.changes import decider


async def decide(
    request: Request,
    form: Form,
    made: Callable[[Decider, RegisterView], Draft],
    fields: dict[str, str] | None = None,
) -> Appended | Rejected:
    """Logs a draft on the word of whoever is signed in, or says what it was refused for. `fields` names the field of a
    pointer where it is not the last part of it. Raises `Refused` for what no other entry in the form would mend."""
    registry = registry_of(request)
    try:
        return await registry.sequencer.append(made(decider(caller_of(request)), registry.follower.view))
    except Refused as refused:
        return rejected(form, refused, fields)
