"""Who decides alone about what belongs to a partnership or to one organisation.

One person of the business unit of a partnership's lead body decides what concerns that partnership; a body's own
information-governance lead, or one of its signatories, what concerns the body. Each is held against the register at
the very tail, by a role that was granted by name, and the entry names in `approved_by` what made the person known.

    word = leading.unit_of(version.partnership, by, view)
    draft = leading.on_the_word_of(agreements.withdraw(withdrawn), word)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from msgspec.structs import replace

from isa_registry.actions.deciding import Decider, number_of, refuse_outside_business_unit, refuse_without_role
from isa_registry.domain.refusals import Refused
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft, Precondition


class Word(NamedTuple):
    """A person's word for a decision: the entry that made them known, and that they may decide at the tail."""

    number: int
    holds: Precondition


def unit_of(partnership: str | None, by: Decider, view: RegisterView) -> Word:
    """The word of one person of the business unit of the body that leads a partnership; None is the one that the
    registry was opened for.

    Raises `Refused` (`forbidden`) for whoever is of no such unit, and so too where there is no such partnership; what
    was refused at the tail is so there.
    """
    refuse_outside_unit_of(view, partnership, by)
    number = number_of(view, by)

    def holds(view: RegisterView, at: str) -> None:
        refuse_outside_unit_of(view, partnership, by)
        refuse_without_role(view, by, "business-unit", at=at, number=number)

    return Word(number, holds)


def unit_of_the_registry(by: Decider, view: RegisterView) -> Word:
    """The word of one person of the business unit of the registry's own lead body, who decides what no other
    partnership's unit does: which partnerships and which bodies there are."""
    number = number_of(view, by)

    def holds(view: RegisterView, at: str) -> None:
        refuse_outside_business_unit(view, by, at, number=number)

    return Word(number, holds)


def ig_lead_of(organisation: str, by: Decider, view: RegisterView) -> Word:
    """The word of a body's own information-governance lead. Raises `Refused` (`not-your-organisation`) for another
    body's people; (`forbidden`) for who is no such lead by a grant, at the tail."""
    return one_of(("ig-lead",), organisation, by, view)


def signatory_of(organisation: str, by: Decider, view: RegisterView) -> Word:
    """The word of one of a body's own signatories, on the same terms."""
    return one_of(("signatory",), organisation, by, view)


def one_of(roles: tuple[str, ...], organisation: str, by: Decider, view: RegisterView) -> Word:
    """The word of somebody who holds one of these roles of a body."""
    if by.organisation != organisation:
        raise Refused("not-your-organisation", "This is open to the organisation itself.")
    number = number_of(view, by)

    def holds(view: RegisterView, at: str) -> None:
        refuse_without_role(view, by, *roles, at=at, number=number)

    return Word(number, holds)


def on_the_word_of(draft: Draft, *words: Word) -> Draft:
    """The draft, decided by those people: it holds only while they may decide it, and its entries name them."""
    # Every payload that anybody decides has the member; which of them a draft holds is not known to the type.
    payloads: tuple[Any, ...] = draft.payloads
    numbers = tuple(word.number for word in words)
    return replace(
        draft,
        payloads=tuple(replace(one, approved_by=numbers) for one in payloads),
        preconditions=(*(word.holds for word in words), *draft.preconditions),
    )


def leads(view: RegisterView, partnership: str | None, organisation: str) -> bool:
    """Whether a body leads a partnership; None is the one that the registry was opened for."""
    opened = view.opened()
    found = None if opened is None else view.partnership(partnership or opened.partnership)
    return found is not None and found.lead_body == organisation


def refuse_outside_unit_of(view: RegisterView, partnership: str | None, by: Decider) -> None:
    """Raises `Refused` (`forbidden`) unless a person's organisation leads a partnership."""
    if not leads(view, partnership, by.organisation):
        raise Refused("forbidden", "This is for the business unit of the body that leads the partnership.")
