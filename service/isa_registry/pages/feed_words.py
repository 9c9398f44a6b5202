"""What an entry of a feed says, in plain words."""

from __future__ import annotations

from markupsafe import Markup
from msgspec import Struct

from isa_registry.domain.agreement_codes import REVIEW_OUTCOMES, SUSPENSION_REASONS, WITHDRAWAL_REASONS
from isa_registry.domain.agreements import LANGUAGES
from isa_registry.domain.companions import COMPANIONS
from isa_registry.domain.comparing.comparison import ClauseChange, Comparison
from isa_registry.domain.register.agreement_changes import Happening
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.pages.rendering import plain_date

_CODES = {**SUSPENSION_REASONS, **WITHDRAWAL_REASONS, **REVIEW_OUTCOMES}


class Entry(Struct, frozen=True):
    """One entry: `clauses` are those that changed, each with how; `side_by_side` is where the two versions stand."""

    event: str
    title: str
    summary: str
    address: str
    content: str = ""
    side_by_side: str | None = None
    clauses: tuple[tuple[str, str], ...] = ()


def happening_words(one: Happening, version: AgreementVersion, address: str) -> Entry:
    """An entry about a version that says nothing of single clauses."""
    title, summary = _said(one)
    return Entry(one.event, title, f"{version.title}. {summary}", address)


def _said(one: Happening) -> tuple[str, str]:
    version = f"Version {one.version}"
    on = "" if one.on is None else plain_date(one.on)
    why = "" if one.code is None else f" {_CODES.get(one.code, one.code)}."
    review = "" if one.review_due is None else f" It is due for review on {plain_date(one.review_due)}."
    match one.event:
        case "publish":
            return f"{version} is published", "It is the first version that was published."
        case "open":
            begins = f" It comes into force on {on} at the soonest." if on else ""
            return f"{version} is open for signing", f"Bodies can sign it.{begins}"
        case "come-into-force":
            return f"{version} is in force from {on}", f"From {on} it is the version that counts.{review}"
        case "suspend":
            return f"{version} is suspended from {on}", f"It does not count until it is resumed.{why}"
        case "resume":
            return f"{version} is resumed on {on}", "It counts again."
        case "withdraw":
            heir = "" if one.successor is None else f" {one.successor} takes its place."
            return f"{version} is withdrawn from {on}", f"It never counts again.{why}{heir}"
        case "companion":
            what, language = COMPANIONS.get(str(one.companion), "A text"), LANGUAGES.get(str(one.language), "")
            return f"{version}: {what}", f"A text beside the words, which is not signed, is published in {language}."
        case _:
            return f"{version} was reviewed", f"The review was on {on}.{why}{review}"


def clause_changes(
    one: Happening, version: AgreementVersion, address: str, side_by_side: str, compared: Comparison
) -> Entry:
    """An entry that publishes a version which follows another: its clauses that changed."""
    counts = compared.counts
    told = ((counts.changed, "changed"), (counts.moved, "moved"), (counts.new, "new"), (counts.gone, "gone"))
    how_many = ", ".join(f"{number} {what}" for number, what in told if number) or "none changed"
    changed = [change for change in compared.clauses if change.state != "unchanged"]
    lines = Markup().join(_line(change, side_by_side) for change in changed)
    whole = Markup('<p><a href="{}">Versions {} and {} side by side</a></p>').format(
        side_by_side, one.before, one.version
    )
    return Entry(
        event=one.event,
        title=f"Version {one.version} is published",
        summary=(
            f"{version.title}. Compared with version {one.before}, of its clauses: {how_many}. "
            f"{counts.words_added} words were added and {counts.words_removed} removed."
        ),
        address=address,
        content=str(Markup("<ul>{}</ul>{}").format(lines, whole) if changed else whole),
        side_by_side=side_by_side,
        clauses=tuple((change.id, change.state) for change in changed),
    )


def _line(change: ClauseChange, side_by_side: str) -> Markup:
    moved = f" (it was {change.from_})" if change.state == "moved" else ""
    return Markup('<li><a href="{}#{}-{}">{} {}</a>: {}{}</li>').format(
        side_by_side, change.id, change.state, change.id, change.title, change.state, moved
    )
