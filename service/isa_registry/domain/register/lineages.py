"""The lineage of an agreement's clauses, drawn from its published versions."""

from __future__ import annotations

from isa_registry.domain.agreement_text import clauses_of
from isa_registry.domain.lineage import Edition, Lineage
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


def lineage_of(view: RegisterView, agreement: str) -> Lineage:
    """The lineage of an agreement's clauses; empty for an agreement that there is not."""
    return view.memory.recall(
        ("lineage", agreement), lambda: Lineage(edition(view, one) for one in view.agreement_versions(agreement))
    )


def edition(view: RegisterView, version: AgreementVersion) -> Edition:
    """A published version as far as lineage goes."""
    return view.memory.recall(
        ("edition", version.agreement, version.version),
        lambda: edition_of(version.version, version.text, version.schedule.heirs),
    )


def edition_of(version: str, text: str, heirs: dict[str, tuple[str, ...]]) -> Edition:
    """A version, published or not, as far as lineage goes. Raises `AgreementError` for words of no agreement."""
    return Edition(version, frozenset(one.id for one in clauses_of(text)), heirs)
