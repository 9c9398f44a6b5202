"""What can be told: one table. A code, what it speaks of, who is told, and the page that it leads to.

The words are in `words/`, one file for each code. Parameters are ids, codes and days, and never anything about a
person. Whoever adds a template adds its line here and its file there; a test holds the two together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Role = Literal["signatory", "ig-lead", "business-unit", "safeguarding-lead"]
ROLES: tuple[Role, ...] = ("signatory", "ig-lead", "business-unit", "safeguarding-lead")
"""For whom a body can have addresses. `business-unit` is there for the lead body of a partnership alone."""

Bodies = Literal["parties", "signatories", "stale", "own", "delegate", "unit", "address"]
"""Which bodies are told. `parties`: those asked to attest the version or a signatory of it. `signatories`: the latter.
`stale`: signatories of an older version, and not of this one. `own`: the body that it is about. `delegate`: the one
that may act for it. `unit`: the lead body of the partnership. `address`: whoever an address was given for."""


class Told(NamedTuple):
    """Somebody who is told: a role of some bodies."""

    bodies: Bodies
    role: Role


class Template(NamedTuple):
    """`says`: what happened. `parameters`: what is known of it. `page`: the path of the page it leads to, with
    parameters in braces; `body` stands for the one that is told, `secret` for what only the receiver is told.
    `private`: of a case, so that no other body, nor its business unit, learns that it was told."""

    code: str
    says: str
    told: tuple[Told, ...]
    parameters: tuple[str, ...]
    page: str
    private: bool = False


_VERSION = ("agreement", "version")
_VERSION_PAGE = "/agreements/{agreement}/{version}"
_OWN_VERSION_PAGE = "/account/attestations/{agreement}/{version}"
"""Where a signatory compares, asks, signs or declines. `for` is the body whose sign-in is offered first."""

_READ_PAGE = f"{_OWN_VERSION_PAGE}/words?for={{body}}"
_SIGN_PAGE = f"{_OWN_VERSION_PAGE}?for={{body}}"
_UNIT = Told("unit", "business-unit")
_SIGNATORIES = Told("signatories", "signatory")
_OWN_LEAD = Told("own", "ig-lead")
_OWN_SIGNATORY = Told("own", "signatory")
_OWN_SAFEGUARDING = Told("own", "safeguarding-lead")
_FLAGGED = ("event", "entry")
_CHALLENGE = ("challenge", "organisation")
_CHALLENGE_PAGE = "/account/challenges/{challenge}?for={body}"

TEMPLATES: dict[str, Template] = {
    one.code: one
    for one in (
        # --- from the register: what was decided ---
        Template(
            "agreement-opened", "A version is open and the body is asked to attest it",
            (Told("parties", "signatory"),), _VERSION, _READ_PAGE,
        ),
        Template(
            "agreement-in-force", "A version comes into force on a day",
            (Told("parties", "signatory"), _UNIT), (*_VERSION, "on"), _VERSION_PAGE,
        ),
        Template(
            "attestation-stale", "A newer version takes the place of the one that the body attested",
            (Told("stale", "signatory"),), (*_VERSION, "on", "older"), _SIGN_PAGE,
        ),
        Template(
            "agreement-suspended", "A version is suspended from a day",
            (Told("parties", "signatory"), _UNIT), (*_VERSION, "on", "reason"), _VERSION_PAGE,
        ),
        Template(
            "agreement-resumed", "A suspended version is in force again from a day",
            (Told("parties", "signatory"), _UNIT), (*_VERSION, "on"), _VERSION_PAGE,
        ),
        Template(
            "agreement-withdrawn", "A version is withdrawn from a day",
            (Told("parties", "signatory"), _UNIT), (*_VERSION, "on", "reason"), _VERSION_PAGE,
        ),
        Template(
            "attestation-made-on-page", "The registry signed an attestation on a signed-in person's authority",
            (_OWN_LEAD, _OWN_SIGNATORY), (*_VERSION, "attestation", "entry"),
            "/account/certificates/{attestation}?for={body}",
        ),
        Template(
            "attestation-withdrawn", "A body withdraws its attestation from a day",
            (_SIGNATORIES, _OWN_SIGNATORY, _UNIT), (*_VERSION, "organisation", "on", "reason"), _VERSION_PAGE,
        ),
        Template(
            "attestation-declined", "A body declines to attest a version",
            (_SIGNATORIES, _UNIT), (*_VERSION, "organisation", "reason"), _VERSION_PAGE,
        ),
        Template(
            "attestation-key-registered", "A key with which attestations can be signed was registered",
            (_OWN_LEAD,), ("kid", "entry"), "/account/keys",
        ),
        # --- about a case: what is to be looked at the same day ---
        Template(
            "withheld-against-duty", "A decision did not share what there is a duty to share, or what danger calls for",
            (_OWN_SAFEGUARDING,), _FLAGGED, "/account/flagged-decisions", private=True,
        ),
        Template(
            "review-basis", "Something was shared although the answer was not to share it",
            (_OWN_LEAD,), _FLAGGED, "/account/flagged-decisions", private=True,
        ),
        # --- professional differences ---
        Template(
            "challenge-raised", "Another body challenges a decision or an answer",
            (_OWN_SAFEGUARDING,), _CHALLENGE, _CHALLENGE_PAGE, private=True,
        ),
        Template(
            "challenge-moved", "The other body took a step in a challenge",
            (_OWN_SAFEGUARDING,), _CHALLENGE, _CHALLENGE_PAGE, private=True,
        ),
        Template(
            "challenge-overdue", "A challenge has been at its stage for longer than that is allowed",
            (_OWN_SAFEGUARDING, _UNIT), ("challenge", "stage", "due"), _CHALLENGE_PAGE, private=True,
        ),
        Template(
            "law-changed", "A new catalogue changed provisions on which something rests",
            (_UNIT,), ("entry", "changes"), "/account/law/watch",
        ),
        # --- from the register: what a day brings ---
        Template(
            "law-date-near", "A provision on which something rests comes into force or ends in some days",
            (_UNIT,), ("provision", "comes", "on", "days"), "/account/law/watch/{provision}",
        ),
        Template(
            "attestation-chased", "A version has been open for some days and the body has not answered",
            (Told("parties", "signatory"),), (*_VERSION, "days"), _SIGN_PAGE,
        ),
        Template(
            "tier-1-lapsed", "The Tier 1 version that a Tier 2 version rests on is in force no longer",
            (Told("parties", "signatory"), _UNIT), (*_VERSION, "parent", "parent_version"), _VERSION_PAGE,
        ),
        Template(
            "review-due", "The review of a version is due in some days",
            (_UNIT, _SIGNATORIES), (*_VERSION, "due", "days"), _VERSION_PAGE,
        ),
        Template(
            "review-overdue", "The review of a version is due today or was due before",
            (_UNIT, _SIGNATORIES), (*_VERSION, "due"), _VERSION_PAGE,
        ),
        Template(
            "policy-review-due", "The review of the body's appropriate policy document is due in some days",
            (_OWN_LEAD,), ("due", "days"), "/account/particulars",
        ),
        Template(
            "policy-review-overdue", "That review is due today or was due before",
            (_OWN_LEAD,), ("due",), "/account/particulars",
        ),
        Template(
            "delegation-ends", "A delegation ends in some days",
            (_OWN_LEAD, _OWN_SIGNATORY, Told("delegate", "signatory")),
            ("delegation", "organisation", "until", "days"), "/account",
        ),
        Template(
            "key-ends", "A signing key ends in some days and no other follows it",
            (_OWN_LEAD,), ("kid", "until", "days"), "/account/keys",
        ),
        # --- from working state ---
        Template(
            "attestation-invited", "The body is invited to attest a version",
            (_OWN_SIGNATORY,), _VERSION, _READ_PAGE,
        ),
        Template(
            "attestation-queried", "A signatory asks about a version",
            (_UNIT, _SIGNATORIES), (*_VERSION, "organisation", "question"), _VERSION_PAGE,
        ),
        Template(
            "query-answered", "A question about a version was answered",
            (_SIGNATORIES, _OWN_SIGNATORY), (*_VERSION, "organisation", "question", "answer"),
            f"{_OWN_VERSION_PAGE}/questions?for={{body}}",
        ),
        Template(
            "asked-to-join", "A body asks to be invited to attest a version",
            (_UNIT,), (*_VERSION, "organisation"), "/account/agreements/{agreement}/{version}/bodies",
        ),
        Template(
            "draft-waits", "A draft waits for the check of another person",
            (_UNIT,), _VERSION, "/account/agreements",
        ),
        Template(
            "body-invited", "A body is invited to join the registry",
            (Told("address", "ig-lead"),), ("until",), "/join/{secret}",
        ),
        Template(
            "nobody-told", "A notice was due and the body has no address for it",
            (_OWN_LEAD, _UNIT), ("organisation", "role"), "/account/notices",
        ),
        Template(
            "webhook-off", "A webhook was switched off, since its receiver answered that it is gone",
            (_OWN_LEAD,), ("webhook",), "/account/webhooks",
        ),
    )
}  # fmt: skip

PRIVATE = frozenset(code for code, one in TEMPLATES.items() if one.private)
