"""Who may call a route and on what terms, in sentences: for tools that show a description and no extensions."""

from __future__ import annotations

from collections.abc import Iterable

from isa_registry.api.access import Access
from isa_registry.api.contract_form import Contract

_ROLES = {
    "practitioner": "practitioners",
    "signatory": "signatories",
    "ig-lead": "information-governance leads",
    "auditor": "auditors",
    "business-unit": "the lead body's business unit",
    "partnership-unit": "the business unit of the partnership concerned",
    "law-lead": "information-governance leads of the lead body",
}


def described(access: Access, contract: Contract) -> str:
    """The terms of a route: who calls it, how recently they signed in, how much it takes, and how it is repeated."""
    said = [_who(access)]
    if access.recent_sign_in:
        said.append(f"The person signed in within the last {_time(access.recent_seconds)}.")
    if access.body_limit:
        said.append(f"A request has at most {access.body_limit:,} bytes.")
    if contract.proposes is not None:
        said.append("Where it takes two people, it is kept as a proposal (202) until another approves it.")
    if contract.repeats:
        said.append("Send it with an Idempotency-Key, and again under the same one where the answer was lost.")
    return " ".join(said)


def _who(access: Access) -> str:
    if access.public:
        return "Public: no token is needed."
    if access.operator:
        return "For the operator alone, with a token of their own."
    systems = f"systems with the scope {_or(f'`{scope}`' for scope in sorted(access.scopes))}" if access.scopes else ""
    people = _and(said for role, said in _ROLES.items() if role in access.roles)
    return f"For {'; and for '.join(part for part in (systems, people) if part)}."


def _time(seconds: int) -> str:
    return "hour" if seconds == 3600 else f"{seconds // 60} minutes"


def _or(parts: Iterable[str]) -> str:
    return " or ".join(parts)


def _and(parts: Iterable[str]) -> str:
    *others, last = [*parts] or [""]
    return f"{', '.join(others)} and {last}" if others else last
