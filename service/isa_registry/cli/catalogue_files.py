"""What `isa-registry catalogue` reads: the files of catalogues, and the agreements that cite them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from isa_registry.cli.agreements import version_files
from isa_registry.data import data_directory
from isa_registry.domain.agreement_lint import annex_faults
from isa_registry.domain.agreement_loading import agreement_faults, read_schedule
from isa_registry.domain.agreement_text import AgreementError, AgreementFault, AgreementText, parse_agreement_text
from isa_registry.domain.agreements import Schedule
from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.catalogue_difference import Files, read_catalogue
from isa_registry.domain.catalogue_loading import FILES
from isa_registry.domain.catalogue_uses import CitingClause
from isa_verify.encoding import JsonValue, parse_json_strict
from isa_verify.errors import MalformedError


class CannotError(Exception):
    """What stops a command from running, as a sentence."""


def side(path: Path) -> Files:
    """A catalogue to compare: a directory, or one JSON file. It need not be without faults."""
    try:
        if path.is_dir():
            texts = {name: (path / name).read_bytes() for name in FILES if (path / name).is_file()}
            if not texts:
                raise CannotError(f"{path}: no file of a catalogue is in this directory")
            return {name: _parsed(path / name, text) for name, text in texts.items()}
        return read_catalogue(path.read_bytes())
    except ValueError as error:
        raise CannotError(f"{path}: {error}") from None


def _parsed(path: Path, text: bytes) -> JsonValue:
    try:
        return parse_json_strict(text)
    except MalformedError as error:
        raise CannotError(f"{path}: {error} `isa-registry catalogue check` says where.") from None


def shipped(name: str) -> Path:
    """A directory of the agreements that ship."""
    return data_directory("agreements") / name


def catalogue_files(directory: Path | None) -> dict[str, bytes]:
    """The JSON files of a directory by name; of the catalogue that ships without one."""
    chosen = directory or shipped("catalogue")
    if not chosen.is_dir():
        raise CannotError(f"{chosen}: not a directory")
    return {path.name: path.read_bytes() for path in sorted(chosen.glob("*.json"))}


class Version(NamedTuple):
    """An agreement version as it lies in its directory; `wrong` where its words or schedule cannot be read."""

    directory: str
    markdown: str
    newest: bool
    words: AgreementText | None
    schedule: Schedule | None
    wrong: tuple[AgreementFault, ...]

    def faults(self, catalogue: Catalogue) -> list[AgreementFault]:
        """What it names that the catalogue has not; of the newest, tables that its labels would make otherwise."""
        if self.words is None or self.schedule is None:
            return list(self.wrong)
        loose = agreement_faults(self.words, self.schedule, catalogue)
        if loose or not self.newest:
            return loose
        return list(annex_faults(self.markdown, self.schedule, catalogue))

    def clauses(self) -> list[CitingClause]:
        """Its clauses, with what they rest on and speak of."""
        if self.words is None or self.schedule is None:
            return []
        topics: dict[str, list[str]] = {}
        for topic, clause in self.schedule.topics.items():
            topics.setdefault(clause, []).append(topic)
        return [
            CitingClause(
                self.words.agreement, self.words.version, one.id, one.heading, one.cites, tuple(topics.get(one.id, ()))
            )
            for one in self.words.clauses
        ]


def versions(directory: Path | None) -> list[Version]:
    """Every agreement version in a directory, however deep; those that ship without one."""
    top = directory or data_directory("agreements")
    if not top.is_dir():
        raise CannotError(f"{top}: not a directory")
    return [_version(text.parent, top) for text in sorted(top.rglob("agreement.md"))]


def _version(directory: Path, top: Path) -> Version:
    name, files = directory.relative_to(top).as_posix(), version_files(directory)
    markdown = files.agreement or ""
    try:
        words = parse_agreement_text(markdown)
        schedule = read_schedule(files.schedule or b"")
    except AgreementError as error:
        return Version(name, markdown, files.newest, None, None, error.faults)
    return Version(name, markdown, files.newest, words, schedule, ())
