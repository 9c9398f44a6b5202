"""What the pages of consents say: each code in words, and what each choice means for whoever makes it."""

from __future__ import annotations

from isa_registry.domain.catalogue import Catalogue
from isa_registry.domain.consents.codes import ROLES, STANDINGS
from isa_registry.domain.questions import RecipientKind
from isa_registry.domain.register.register import RegisterView
from isa_registry.pages.changing import body_name

Choice = tuple[str, str, str]
"""What is sent, its words, and a hint; the hint may be empty."""

NOT_NEEDED = "would-share-anyway"
UNSURE = "unsure"
NEEDS: tuple[Choice, ...] = (
    ("the-basis", "Yes. Consent is the basis: we share only if they say yes",
     "Rare. For example, a charity that offers early help. An answer on Ask says so where it is."),
    ("agreement-to-service", "No, but they are asked to agree to a service",
     "Early help, Channel, or a referral as a victim of slavery. It is not what lets you share."),
    (NOT_NEEDED, "No. We would share anyway, or must", "Then do not ask for consent. It would mislead them."),
    (UNSURE, "I am not sure", "Ask tells you in about two minutes."),
)  # fmt: skip

ANSWERS: tuple[Choice, ...] = (
    ("given", "They said yes", ""),
    ("refused", "They said no", "A no is recorded just as a yes is. It does not stop you from protecting a child."),
)

EXPLICIT: tuple[Choice, ...] = (
    ("yes", "Yes, in clear words of their own or signed under clear words",
     "Health, ethnicity, religion and sexuality need this (UK GDPR Article 9(2)(a))."),
    ("no", "No, by something else that they did", "For example, by handing over a form that was not signed."),
)  # fmt: skip

CHILDS_VIEW_ASKED = ("agrees", "objects", "not-sought", "not-safe-to-seek", "too-young")

LANGUAGES: tuple[tuple[str, str], ...] = (
    ("en", "English"),
    ("ar", "Arabic"),
    ("bn", "Bengali"),
    ("bfi", "British Sign Language"),
    ("zh", "Chinese"),
    ("cs", "Czech"),
    ("fa", "Farsi"),
    ("gu", "Gujarati"),
    ("ku", "Kurdish"),
    ("lt", "Lithuanian"),
    ("ps", "Pashto"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("pa", "Punjabi"),
    ("ro", "Romanian"),
    ("rom", "Romani"),
    ("ru", "Russian"),
    ("sk", "Slovak"),
    ("so", "Somali"),
    ("es", "Spanish"),
    ("ta", "Tamil"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("cy", "Welsh"),
)
"""Languages often met (BCP 47 codes); any other is given by its code."""

TAGS = {
    "given": ("active", "Said yes"),
    "refused": ("revoked", "Said no"),
    "withdrawn": ("withdrawn", "Taken back"),
    "expired": ("expired", "Counts no longer"),
    "invalidated": ("ended", "Found void"),
}
"""Where a consent stands: the code of a tag, and its words."""

HAPPENED = {
    "consent.given": "They said yes",
    "consent.refused": "They said no",
    "consent.renewed": "They said yes again",
    "consent.withdrawn": "They took it back",
    "consent.invalidated": "It was found void",
}

NOTES = {
    "ask-at-transition": (
        "No day is set from which the young person answers for themself. Ask them when they can decide this, at the "
        "latest when they turn 18."
    ),
}
"""Things to consider, where a page says them otherwise than the interface."""

SUBJECT_REFERENCE = (
    "Copy it from your own system, which makes it under a key that only your organisation has, so that no page can: it "
    "begins with s1_."
)


def role_label(role: str) -> str:
    return ROLES.get(role, role)


def standing_label(by: str) -> str:
    return STANDINGS[by].says if by in STANDINGS else by


def language_label(code: str) -> str:
    return dict(LANGUAGES).get(code.split("-")[0], code)


def recipient_labels(view: RegisterView, recipients: tuple[str | RecipientKind, ...]) -> list[str]:
    law = view.catalogue()
    return [
        body_name(view, one) if isinstance(one, str) else f"Any body of this kind: {_kind_label(one.kind, law)}"
        for one in recipients
    ]


def _kind_label(kind: str, law: Catalogue | None) -> str:
    known = None if law is None else law.kinds.get(kind)
    return kind if known is None else known.label


def purpose_labels(view: RegisterView, codes: tuple[str, ...]) -> list[str]:
    law = view.catalogue()
    return [law.purposes[code].label if law is not None and code in law.purposes else code for code in codes]


def category_labels(view: RegisterView, codes: tuple[str, ...]) -> list[str]:
    law = view.catalogue()
    return [law.categories[code].label if law is not None and code in law.categories else code for code in codes]


def special_labels(view: RegisterView, codes: tuple[str, ...]) -> list[str]:
    """Those of the categories that are special: they need a yes in clear words."""
    law = view.catalogue()
    special = tuple(
        code for code in codes if law is not None and code in law.categories and law.categories[code].special
    )
    return category_labels(view, special)
