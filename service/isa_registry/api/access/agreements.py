"""The lines of what is decided about agreements: drafts, publishing, opening, and what follows."""

from __future__ import annotations

from msgspec.structs import replace

from isa_registry.api.access.terms import OWN, UNITS, Access, decides, page, public

_WORDS_LIMIT = 1_048_576
_DRAFT = "/api/v1/agreement-drafts/{draft}"
_PAGE, _DRAFTS = "/account/agreements", "/account/agreement-drafts"
_VERSION = "/api/v1/agreements/{agreement}/versions/{version}"


def _decides(says: str, limit: int = 16_384) -> Access:
    """A decision of one person of a partnership's business unit, who signed in just now."""
    return replace(decides(says, *UNITS), body_limit=limit, oversight=frozenset())


def _shows(says: str) -> Access:
    return Access(says=says, roles=UNITS, fields=OWN)


def _deciding_page(says: str, *, form: bool = False, upload: bool = False) -> Access:
    return page(says, form=form, upload=upload, roles=UNITS, recent_sign_in=True)


AGREEMENTS: dict[tuple[str, str], Access] = {
    ("GET", "/api/v1/agreement-drafts"): _shows("The drafts of your own business unit"),
    ("POST", "/api/v1/agreement-drafts"): _decides("Begin a draft of a version from its words", _WORDS_LIMIT),
    ("GET", _DRAFT): _shows("One draft of your own business unit, with what the lint says of it"),
    ("POST", f"{_DRAFT}/revision"): _decides("Send other words for a draft", _WORDS_LIMIT),
    ("POST", f"{_DRAFT}/submission"): _decides("Have a draft checked by a second person"),
    ("POST", f"{_DRAFT}/return"): _decides("Return a draft to whoever writes it"),
    ("POST", f"{_DRAFT}/check"): _decides("Say that exactly these words may be published, as the second person"),
    ("POST", f"{_DRAFT}/discard"): _decides("Give a draft up"),
    ("POST", "/api/v1/agreements/{agreement}/versions"): _decides(
        "Publish a version whose draft a second person checked", _WORDS_LIMIT
    ),
    ("GET", f"{_VERSION}/life"): public("How a version stands, what was decided about it, and what it does to others"),
    ("POST", f"{_VERSION}/opening"): _decides("Open a version for attestation", 262_144),
    ("POST", f"{_VERSION}/in-force"): _decides("Bring a version into force, whatever its rule says"),
    ("POST", f"{_VERSION}/suspension"): _decides("Suspend a version in force"),
    ("POST", f"{_VERSION}/resumption"): _decides("Resume a suspended version"),
    ("POST", f"{_VERSION}/withdrawal"): _decides("Withdraw a version for good"),
    ("POST", f"{_VERSION}/review"): _decides("Record a review of a version"),
    ("GET", f"{_VERSION}/companions"): public("The summaries and translations beside a version, which nobody signs"),
    ("POST", f"{_VERSION}/companions"): _decides("Publish a summary or a translation of a version", _WORDS_LIMIT),
    ("GET", f"{_PAGE}/{{agreement}}/{{version}}/companions"): _deciding_page("The texts beside a version"),
    ("POST", f"{_PAGE}/{{agreement}}/{{version}}/companions"): _deciding_page(
        "Publish a text beside a version", upload=True
    ),
    ("GET", "/account/agreements"): page(
        "Every version of your partnership's agreements, and your drafts", roles=UNITS
    ),
    ("GET", f"{_PAGE}/{{agreement}}/{{version}}"): page("How a version stands, and what can be decided", roles=UNITS),
    ("GET", f"{_PAGE}/{{agreement}}/{{version}}/{{decision}}"): _deciding_page("What a decision about a version does"),
    ("POST", f"{_PAGE}/{{agreement}}/{{version}}/{{decision}}"): _deciding_page(
        "Decide about a version, from the next entry on", form=True
    ),
    ("GET", f"{_PAGE}/{{agreement}}/{{version}}/bodies"): _deciding_page(
        "Whom a version is asked of, and what they ask about it"
    ),
    ("POST", f"{_PAGE}/{{agreement}}/{{version}}/bodies"): _deciding_page(
        "Ask a body to sign, decide about one that asks to join, or answer a question", form=True
    ),
    ("GET", f"{_DRAFTS}/new"): _deciding_page("Words for a new draft"),
    ("POST", f"{_DRAFTS}/new"): _deciding_page("Begin a draft of a version", upload=True),
    ("GET", f"{_DRAFTS}/{{draft}}"): _deciding_page("Exactly what is drafted, to check it or publish it"),
    ("POST", f"{_DRAFTS}/{{draft}}"): _deciding_page("Submit, check, return, publish or give up a draft", form=True),
    ("GET", f"{_DRAFTS}/{{draft}}/revision"): _deciding_page("Other words for a draft"),
    ("POST", f"{_DRAFTS}/{{draft}}/revision"): _deciding_page("Send other words for a draft", upload=True),
}
