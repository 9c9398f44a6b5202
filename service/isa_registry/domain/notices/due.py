"""What is told because of the day that it is in London. Asked again, it says the same: each notice is made once.

A day on which nothing ran is no matter: what has come due meanwhile is told late, and of several steps that passed only
the latest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from isa_registry.domain.dates import london_date, parse_instant
from isa_registry.domain.law_watch.looking import dates_ahead
from isa_registry.domain.notices.chasing import chased
from isa_registry.domain.notices.concerned import parties, signatories, told, unit
from isa_registry.domain.notices.notice import Notice, merged
from isa_registry.domain.notices.steps import (
    ENDING_DAYS,
    REVIEW_DAYS,
    days_until,
    step_before,
)
from isa_registry.domain.notices.templates import Bodies
from isa_registry.domain.register.facts import AgreementVersion, SigningKey
from isa_registry.domain.register.register import RegisterView
from isa_registry.domain.register.signing_keys import has_successor


def due(view: RegisterView, today: str) -> list[Notice]:
    """Every notice that a day asks for, whether or not it has been made before."""
    found = [
        *(one for version in view.agreement_versions() for one in chased(view, version, today)),
        *_lapsed(view, today),
        *_reviews(view, today),
        *_policies(view, today),
        *_delegations(view, today),
        *_keys(view, today),
        *_law(view, today),
    ]
    return merged(found)


def _lapsed(view: RegisterView, today: str) -> Iterator[Notice]:
    """Tier 2 versions in force whose Tier 1 version is not. A second suspension is another lapse."""
    for version in view.agreements_in_force(today):
        parent = version.schedule.parent
        if parent is None:
            continue
        beneath = view.agreement_version(parent.agreement, parent.version)
        if beneath is None or beneath.in_force(today):
            continue
        values = {
            "agreement": version.agreement,
            "version": version.version,
            "parent": parent.agreement,
            "parent_version": parent.version,
        }
        about = f"{version.agreement}/{version.version} {parent.agreement}/{parent.version} {_since(beneath, today)}"
        bodies: dict[Bodies, Iterable[str]] = {"parties": parties(view, version, today), "unit": unit(view, version)}
        yield from told("tier-1-lapsed", about, values, bodies)


def _since(version: AgreementVersion, today: str) -> str:
    """A word for why and since when a version is not in force."""
    if version.withdrawn_on is not None and version.withdrawn_on <= today:
        return f"withdrawn {version.withdrawn_on}"
    suspended = [one.on for one in version.suspensions if one.covers(today)]
    if suspended:
        return f"suspended {min(suspended)}"
    return f"ended {version.ends}" if version.ends is not None and version.ends < today else "not-begun"


def _reviews(view: RegisterView, today: str) -> Iterator[Notice]:
    for version in view.agreements_in_force(today):
        step = None if version.review_due is None else step_before(version.review_due, today, REVIEW_DAYS)
        if step is None or version.review_due is None:
            continue
        values: dict[str, object] = {
            "agreement": version.agreement,
            "version": version.version,
            "due": version.review_due,
        }
        about = f"{version.agreement}/{version.version} {version.review_due} {step}"
        bodies: dict[Bodies, Iterable[str]] = {
            "unit": unit(view, version),
            "signatories": signatories(view, version, today),
        }
        yield from _before("review", about, values, version.review_due, today, bodies)


def _policies(view: RegisterView, today: str) -> Iterator[Notice]:
    """Reviews of appropriate policy documents."""
    for body in view.organisations():
        document = body.policy_document
        if document is None or document.review_on is None or not body.takes_part(today):
            continue
        step = step_before(document.review_on, today, REVIEW_DAYS)
        if step is not None:
            values: dict[str, object] = {"due": document.review_on}
            about = f"{document.review_on} {step}"
            yield from _before("policy-review", about, values, document.review_on, today, {"own": (body.organisation,)})


def _before(
    what: str, about: str, values: dict[str, object], day: str, today: str, bodies: Mapping[Bodies, Iterable[str]]
) -> list[Notice]:
    """A review that is due: how many days are left, or that it is overdue."""
    left = days_until(day, today)
    if left > 0:
        return told(f"{what}-due", about, {**values, "days": left}, bodies)
    return told(f"{what}-overdue", about, values, bodies)


def _delegations(view: RegisterView, today: str) -> Iterator[Notice]:
    for body in view.organisations():
        for one in view.delegations_of(body.organisation):
            given = one.given
            left = days_until(given.until, today)
            step = step_before(given.until, today, ENDING_DAYS)
            if step is None or left < 0 or one.ended_on is not None or given.starts > today:
                continue
            values = {
                "delegation": given.delegation,
                "organisation": given.organisation,
                "until": given.until,
                "days": left,
            }
            about = f"{given.delegation} {given.until} {step}"
            bodies: dict[Bodies, Iterable[str]] = {
                "own": (given.organisation,),
                "delegate": () if given.to is None else (given.to,),
            }
            yield from told("delegation-ends", about, values, bodies)


def _law(view: RegisterView, today: str) -> Iterator[Notice]:
    """Dates of the law that are near, where something rests on it: each is told once, as soon as it is in sight."""
    for one, _ in dates_ahead(view, today):
        values = {"provision": one.code, "comes": one.what, "on": one.on, "days": days_until(one.on, today)}
        yield from told("law-date-near", f"{one.code} {one.what} {one.on}", values, {"unit": unit(view, None)})


def _keys(view: RegisterView, today: str) -> Iterator[Notice]:
    """Keys that end soon, where none goes on from there."""
    by_body: defaultdict[str, list[SigningKey]] = defaultdict(list)
    for key in view.all_keys():
        by_body[key.registered.organisation].append(key)
    for organisation, keys in sorted(by_body.items()):
        body = view.organisation(organisation)
        if body is None or not body.takes_part(today):
            continue
        for key in keys:
            end = key.registered.valid_until
            if end is None or key.revoked:
                continue
            until = london_date(parse_instant(end))
            left, step = days_until(until, today), step_before(until, today, ENDING_DAYS)
            if step is None or left < 0 or has_successor(key.registered, keys):
                continue
            values = {"kid": key.registered.kid, "until": until, "days": left}
            about = f"{key.registered.kid} {until} {step}"
            yield from told("key-ends", about, values, {"own": (organisation,)})
