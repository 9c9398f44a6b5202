"""The payloads of entries by which people of the lead body say that they checked a piece of the law as data, or that
they looked at what changed of it."""

from __future__ import annotations

from isa_registry.domain.payloads import PayloadStruct as _Payload


class LawVerified(_Payload, frozen=True, tag="law.verified"):
    """Somebody checked one provision, or one row of the matrix (`organisation_kind` and `purpose`), and found it right.

    `sha256` is that of exactly what was checked (`domain/verifying.py`): once the catalogue says something else there,
    this counts no longer. `source` is what it was checked against: an address of legislation.gov.uk or gov.uk, or a
    reference into the lead body's own system. `checked_on` is the day (London), `profession` a code. `organisation` is
    the registry's lead body; `approved_by` are the entries that made the two people known who decided it.
    """

    organisation: str
    sha256: str
    source: str
    checked_on: str
    profession: str
    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None
    approved_by: tuple[int, ...] = ()


class LawVerificationWithdrawn(_Payload, frozen=True, tag="law.verification-withdrawn"):
    """What was said to be verified counts as checked no longer, from this entry on. `reason` is a code."""

    organisation: str
    reason: str
    provision: str | None = None
    organisation_kind: str | None = None
    purpose: str | None = None
    approved_by: tuple[int, ...] = ()


class LawChangeLookedAt(_Payload, frozen=True, tag="law.change-looked-at"):
    """The business unit looked at what a catalogue (`catalogue`: the SHA-256, hex, of its files) changed of a
    provision, and says what follows: `outcome` is a code. It changes nothing that anybody is answered. `organisation`
    is the registry's lead body; `approved_by` is the entry that made the person known who said so."""

    organisation: str
    catalogue: str
    provision: str
    outcome: str
    approved_by: tuple[int, ...] = ()
