"""Publishing the words of an agreement: what a version must meet before its words are fixed for good."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from isa_registry.domain.agreement_entries import AgreementPublished
from isa_registry.domain.agreement_loading import AgreementVersion as LoadedAgreement
from isa_registry.domain.agreement_loading import load_agreement
from isa_registry.domain.agreement_refusals import refused_agreement
from isa_registry.domain.agreement_text import AgreementError
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.lineage import untold
from isa_registry.domain.refusals import Fault, Refused
from isa_registry.domain.register.lineages import edition, edition_of
from isa_registry.domain.register.lives import refuse_untimely
from isa_registry.domain.register.register import RegisterView
from isa_registry.ledger.drafts import Draft

_VERSION = re.compile(r"(?:0|[1-9][0-9]{0,2})\.(?:0|[1-9][0-9]{0,2})")
_MOST_FAULTS = 50


def read_version(text: bytes, schedule: bytes, view: RegisterView) -> LoadedAgreement:
    """Words and schedule, checked against each other and the catalogue that holds at the moment.

    Refused: `unprocessable`, with a pointer to every fault: into `schedule`, or to `text` and the line; `unavailable`
    where there is no catalogue yet.
    """
    catalogue = view.catalogue()
    if catalogue is None:
        raise Refused("unavailable", "There is no catalogue yet to hold an agreement against.")
    try:
        loaded = load_agreement(text, schedule, catalogue)
    except AgreementError as error:
        raise refused_agreement(error.faults[:_MOST_FAULTS], catalogue) from None
    if not _VERSION.fullmatch(loaded.schedule.version):
        detail = "Name a version by two numbers with a full stop between them, such as 1.1."
        raise Refused("unprocessable", detail, (Fault("#/schedule/version", "not-a-version", detail),))
    return loaded


def own_partnership(view: RegisterView, partnership: str | None) -> str | None:
    """A partnership as entries name it: None is the one that the registry was opened for.

    Refused: `unprocessable` where there is no such partnership.
    """
    opened = view.opened()
    if partnership is None or (opened is not None and partnership == opened.partnership):
        return None
    if view.partnership(partnership) is None:
        detail = "Name a partnership of this registry, or none for the one that it was opened for."
        raise Refused("unprocessable", "There is no such partnership.", (Fault("#/partnership", "unknown", detail),))
    return partnership


def publish(text: bytes, schedule: Schedule, schedule_sha256: str, *, partnership: str | None = None) -> Draft:
    """One version, word for word. A published version never changes, so its name is refused a second time.

    Refused at the tail: `conflict` for a name that is taken, and for a catalogue in which the schedule's codes are not
    there any more; `unprocessable` where the Tier 1 beneath is not published, or withdrawn, or another partnership's,
    and where earlier versions of the agreement are of another tier or another partnership, or where a link to one of
    their clauses would lead nowhere.
    """
    fact = AgreementPublished(
        agreement=schedule.agreement,
        version=schedule.version,
        text=text.decode("utf-8"),
        text_sha256=hashlib.sha256(text).hexdigest(),
        schedule=schedule,
        schedule_sha256=schedule_sha256,
        partnership=partnership,
    )

    def holds(view: RegisterView, at: str) -> None:
        refuse_published(view, schedule.agreement, schedule.version)
        refuse_untimely(view, fact)
        refuse_unfounded(view, schedule, partnership)
        refuse_breaking_links(view, fact.text, schedule)

    return Draft(payloads=(fact,), preconditions=(holds,))


def refuse_published(view: RegisterView, agreement: str, version: str) -> None:
    """Raises `Refused` (`conflict`) for a version that is published already."""
    if view.agreement_version(agreement, version) is not None:
        detail = "This version is already published, and never changes. Give the changed text a new version."
        fault = Fault("#/schedule/version", "published-already", detail)
        raise Refused("conflict", detail, (fault,))


def refuse_unfounded(view: RegisterView, schedule: Schedule, partnership: str | None) -> None:
    """Raises `Refused` (`unprocessable`) where a version does not fit what is published: the Tier 1 that it rests on,
    and the earlier versions of its agreement."""
    faults = tuple(_unfounded(view, schedule, partnership))
    if faults:
        raise Refused("unprocessable", faults[0].detail, faults)


def refuse_breaking_links(view: RegisterView, text: str, schedule: Schedule) -> None:
    """Raises `Refused` (`unprocessable`) where a link to a clause of an earlier version would lead nowhere, or to
    another clause."""
    earlier = [edition(view, one) for one in view.agreement_versions(schedule.agreement)]
    found = untold(earlier, edition_of(schedule.version, text, schedule.heirs))
    faults = tuple(Fault(f"#/schedule/heirs/{one.clause}", one.code, _BROKEN[one.code]) for one in found)
    if faults:
        detail = "Links to clauses of earlier versions would break."
        raise Refused("unprocessable", detail, faults[:_MOST_FAULTS])


_BROKEN = {
    "clause-gone": "This clause of the version before is not in the words. Name the clauses that took over, or none.",
    "no-such-clause": "The version before has no such clause. Take this line out.",
    "clause-id-used": "This number belonged to a clause that is gone. Give the new one a number that was never used.",
}


def _unfounded(view: RegisterView, schedule: Schedule, partnership: str | None) -> Iterator[Fault]:
    if schedule.parent is not None:
        parent = view.agreement_version(schedule.parent.agreement, schedule.parent.version)
        at = "#/schedule/parent"
        if parent is None:
            yield Fault(at, "unknown-agreement", "Publish the Tier 1 version that it rests on first.")
        elif parent.withdrawn is not None:
            yield Fault(at, "withdrawn-agreement", "The Tier 1 version that it rests on is withdrawn: name another.")
        elif parent.tier != 1:
            yield Fault(at, "not-tier-1", "A Tier 2 agreement rests on a Tier 1 version: name one.")
        elif parent.partnership != partnership:
            detail = "The Tier 1 version that it rests on is another partnership's: name one of its own."
            yield Fault(at, "another-partnership", detail)
    earlier = view.agreement_versions(schedule.agreement)
    if any(one.tier != schedule.tier for one in earlier):
        yield Fault("#/schedule/tier", "another-tier", "Earlier versions of this agreement are of another tier.")
    if schedule.short_title is not None and any(
        one.agreement != schedule.agreement and one.schedule.short_title == schedule.short_title
        for one in view.agreement_versions()
    ):
        detail = "Another agreement is called so for short: a citation would lead to two. Choose another."
        yield Fault("#/schedule/short_title", "short-title-taken", detail)
    if any(one.partnership != partnership for one in earlier):
        detail = "This agreement is another partnership's. Give yours a name of its own."
        yield Fault("#/partnership", "another-partnership", detail)
