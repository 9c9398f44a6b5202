"""What stands above every page about a version: where the version stands, its other versions, and its other pages."""

from __future__ import annotations

from msgspec import Struct

from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.agreements import Standing, VersionLine, standing, version_address

PAGES = (
    ("", "Words"),
    ("/summaries", "In plain words"),
    ("/schedule", "Schedule"),
    ("/law", "The law it rests on"),
    ("/attestations", "Who has attested it"),
    ("/versions", "Versions"),
    ("/print", "Print"),
)
"""The pages about a version, below its address, each with its name."""


class Tab(Struct, frozen=True):
    text: str
    href: str
    current: bool


class Head(Struct, frozen=True):
    """`onward` is the version to read instead: the one in force, where that is another. `others` are the other
    versions, newest first."""

    version: AgreementVersion
    address: str
    standing: Standing
    onward: VersionLine | None
    others: tuple[VersionLine, ...]
    tabs: tuple[Tab, ...]

    @property
    def language(self) -> str | None:
        """The language of the words, where it is not that of the page."""
        return None if self.version.schedule.language == "en" else self.version.schedule.language


def head_of(version: AgreementVersion, view: RegisterView, today: str, page: str = "") -> Head:
    """The head of one of the `PAGES` of a version, on a day."""
    address = version_address(version)
    current = view.agreement_in_force(version.agreement, today)
    companions = view.companions(version.agreement, version.version)
    return Head(
        version=version,
        address=address,
        standing=standing(version, view, today),
        onward=None if current is None or current.version == version.version else version_line(current, view, today),
        others=tuple(
            version_line(one, view, today)
            for one in reversed(view.agreement_versions(version.agreement))
            if one.version != version.version
        ),
        tabs=tuple(
            Tab(text, address + below, current=below == page)
            for below, text in PAGES
            if below != "/summaries" or companions or page == below
        ),
    )


def version_line(version: AgreementVersion, view: RegisterView, today: str) -> VersionLine:
    return VersionLine(version.version, version_address(version), standing(version, view, today))
