"""A record of processing activities as CSV: a line for each purpose of an agreement."""

from __future__ import annotations

from collections.abc import Iterator

from isa_registry.domain.lawful_bases.processing import Activity, ProcessingRecord
from isa_registry.domain.party_entries import PolicyDocument
from isa_registry.domain.reporting.tables import csv_bytes

PROCESSING_COLUMNS = (
    "controller", "name", "ico_registration", "contact", "agreement", "version", "clause", "purpose", "title", "signed",
    "subjects", "categories", "special", "criminal", "recipients", "retention", "security", "policy_document",
    "policy_review_on", "article_6", "article_9", "article_10", "part_3", "gateways", "confidentiality_route",
    "s36_4_authority", "dpia", "balancing_test", "adopted", "approved_by", "since", "until", "record", "lapsed_on",
    "not_known",
)  # fmt: skip
_LISTS = ("article_6", "article_9", "article_10", "part_3", "gateways")
_WORDS = (
    "confidentiality_route", "s36_4_authority", "dpia", "balancing_test", "adopted", "approved_by", "since", "until",
    "record",
)  # fmt: skip


def processing_csv(found: ProcessingRecord) -> bytes:
    """The record as a table; lists within a cell are separated by `;`."""
    return csv_bytes(PROCESSING_COLUMNS, _lines(found))


def _lines(found: ProcessingRecord) -> Iterator[tuple[str, ...]]:
    unknown = ";".join(one.code for one in found.not_known)
    for one in found.activities:
        yield (
            found.controller, found.name, found.ico_registration or "", found.contact or "", one.agreement, one.version,
            one.clause, one.purpose, one.title, "yes" if one.signed else "no", ";".join(one.subjects),
            ";".join(one.categories), ";".join(one.special), ";".join(one.criminal), ";".join(one.recipients),
            ";".join(one.retention), one.security or "", *_document(one.policy_document), *_basis(one),
            one.lapsed_on or "", unknown,
        )  # fmt: skip


def _document(document: PolicyDocument | None) -> tuple[str, str]:
    return ("", "") if document is None else (document.reference, document.review_on or "")


def _basis(one: Activity) -> tuple[str, ...]:
    if one.basis is None:
        return ("",) * (len(_LISTS) + len(_WORDS))
    lists = (";".join(getattr(one.basis, name)) for name in _LISTS)
    return (*lists, *(getattr(one.basis, name) or "" for name in _WORDS))
