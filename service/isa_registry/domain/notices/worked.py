"""What is told because of working state: invitations, questions about the words, drafts. Whoever takes the step tells
it, in the transaction in which it is taken."""

from __future__ import annotations

from isa_registry.domain.notices.concerned import signatories, told, unit
from isa_registry.domain.notices.notice import Notice
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.register import RegisterView


def invited(version: AgreementVersion, organisation: str) -> list[Notice]:
    """A body was invited to attest a version by itself; the parties of an opened version are told of the opening."""
    return told("attestation-invited", _name(version), _values(version), {"own": (organisation,)})


def asked_to_join(view: RegisterView, version: AgreementVersion, organisation: str) -> list[Notice]:
    values = {**_values(version), "organisation": organisation}
    return told("asked-to-join", f"{_name(version)} {organisation}", values, {"unit": unit(view, version)})


def queried(
    view: RegisterView, version: AgreementVersion, organisation: str, *, query: str, question: str, on: str
) -> list[Notice]:
    """A body asked about the words: its question has an id, and is a code."""
    values = {**_values(version), "organisation": organisation, "question": question}
    others = [body for body in signatories(view, version, on) if body != organisation]
    return told("attestation-queried", query, values, {"unit": unit(view, version), "signatories": others})


def answered(
    view: RegisterView,
    version: AgreementVersion,
    organisation: str,
    *,
    query: str,
    question: str,
    answer: str,
    on: str,
) -> list[Notice]:
    """The business unit answered: the body that asked hears it, and every signatory."""
    values = {**_values(version), "organisation": organisation, "question": question, "answer": answer}
    others = [body for body in signatories(view, version, on) if body != organisation]
    return told("query-answered", query, values, {"own": (organisation,), "signatories": others})


def draft_waits(organisation: str, *, draft: str, agreement: str, version: str, text_sha256: str) -> list[Notice]:
    """A draft of a unit was submitted. Submitted again with other words it is told again."""
    about = f"{draft} {text_sha256[:16]}"
    return told("draft-waits", about, {"agreement": agreement, "version": version}, {"unit": (organisation,)})


def body_invited(organisation: str, *, invitation: str, until: str, sending: str) -> Notice:
    """A body is invited by a link. Each sending has another link, and is told by itself."""
    return Notice("body-invited", organisation, ("ig-lead",), {"until": until}, f"{invitation} {sending}")


def _name(version: AgreementVersion) -> str:
    return f"{version.agreement}/{version.version}"


def _values(version: AgreementVersion) -> dict[str, str]:
    return {"agreement": version.agreement, "version": version.version}
