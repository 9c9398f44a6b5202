"""What the law closes to kinds of organisation whatever their purpose, stated once.

`domain/catalogue_constraints.py` holds the matrix of defaults to it, `domain/lawful_bases/` the records of bodies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from isa_registry.domain.catalogue import OrganisationKind


class Bar(NamedTuple):
    """A provision that a kind of organisation never relies on: a name, the sentence, its source, and for whom."""

    name: str
    provision: str
    says: str
    source: str
    bars: Callable[[OrganisationKind], bool]


BARS: tuple[Bar, ...] = (
    Bar(
        "no-recognised-interest-for-public-bodies",
        "art6-1-ea",
        "A public authority never relies on recognised legitimate interests for its tasks.",
        "UK GDPR Article 6(1), second subparagraph",
        lambda kind: kind.public,
    ),
    Bar(
        "no-legitimate-interests-for-public-bodies",
        "art6-1-f",
        "A public authority never relies on legitimate interests for its tasks.",
        "UK GDPR Article 6(1), second subparagraph",
        lambda kind: kind.public,
    ),
    Bar(
        "no-borrowed-public-task",
        "art6-1-e",
        "A body that is not a public authority never relies on public task.",
        "UK GDPR Article 6(1)(e) as amended in 2025: the task is the controller's own",
        lambda kind: not kind.public,
    ),
    Bar(
        "no-serious-violence-gateway-for-health",
        "pcsca-2022-s16",
        "A health body never shares by the serious violence gateway.",
        "Police, Crime, Sentencing and Courts Act 2022 s.16(4)",
        lambda kind: kind.health,
    ),
    Bar(
        "no-sharing-as-a-members-body",
        "art9-2-d",
        "The condition for a not-for-profit body's members is never a route for sharing.",
        "UK GDPR Article 9(2)(d)",
        lambda _: True,
    ),
    Bar(
        "health-care-duty-only-between-health-bodies",
        "hsca-2012-s251b",
        "The duty to share for a person's own care is no gateway of children's social care.",
        "Health and Social Care Act 2012 s.251B",
        lambda kind: not kind.health,
    ),
)
