"""The words of the codes that a decision is written in, and that no catalogue holds."""

from __future__ import annotations

DECISIONS = {
    "shared": "Shared all of it",
    "part-shared": "Shared some of it, and held some back",
    "not-shared": "Did not share",
    "deferred": "Not yet: it will be decided later",
}
SHORT = {
    "shared": "Shared",
    "part-shared": "Shared in part",
    "not-shared": "Not shared",
    "deferred": "Deferred",
}
WITHHELD_REASONS = {
    "not-necessary": "They do not need it for this",
    "disproportionate": "It is more than this calls for",
    "more-detrimental": "Sharing it would do the child more harm",
    "no-role": "They have no part in this",
    "legally-barred": "The law or a court forbids it",
    "consent-refused": "It rests on consent, which was refused or taken back",
    "not-anonymised": "It has to be anonymised first",
    "confidentiality": "It was told in confidence, and nothing lifts that here",
    "live-investigation": "It could harm an investigation that is going on",
    "source-protection": "It would give away a source",
    "risk-to-other": "It would put somebody else at risk",
    "insufficient-detail": "They have not yet said what they need and why",
    "advice-pending": "We are waiting for advice",
}
METHODS = {
    "case-system": "From case system to case system",
    "secure-email": "Secure e-mail",
    "meeting": "In a meeting",
    "telephone": "By telephone",
    "post": "By post",
    "portal": "Through a portal",
}
MARKINGS = {"official-sensitive": "Official-Sensitive", "official": "Official"}
INFORMED = {"yes": "Yes", "later": "Not yet: later", "no": "No"}
NOT_INFORMED = {
    "increases-risk": "It could put somebody at risk",
    "prejudices-enquiry": "It could harm an enquiry or investigation",
    "not-practicable": "It cannot be done",
}
CHILDS_VIEWS = {
    "agrees": "The child agrees",
    "objects": "The child objects",
    "not-sought": "The child was not asked",
    "not-safe-to-seek": "It was not safe to ask",
}
CONSENTS = {
    "given": "Yes, they agreed",
    "refused": "No, they refused",
    "withdrawn": "They agreed, and took it back",
    "not-sought": "Nobody asked them",
}
ADVICE = {"share": "To share", "do-not-share": "Not to share", "unclear": "It was not clear"}
STATES = {
    "unmatched": ("Waits for their word", "pending"),
    "matched": ("They confirmed it", "registered"),
    "disputed": ("They say it differs", "suspended"),
    "corrected": ("Corrected", "superseded"),
}
"""What became of a decision that its recipient sees, to its provider; and whose colour it has among the tags."""

RECEIVED = {
    "unmatched": ("Waits for your word", "pending"),
    "matched": ("You confirmed it", "registered"),
    "disputed": ("You said it differs", "suspended"),
    "corrected": ("They corrected it", "superseded"),
}
NOT_TOLD = ("Nobody is told", "other")

AGAINST = {
    "withheld-against-duty": (
        "The answer was that you share this",
        (
            "The registry’s answer was that your organisation has a duty to share, or that somebody is in danger. You "
            "may have good reason to decide otherwise. Your safeguarding lead is told today, so that you do not carry "
            "it alone. It is about the decision, and is never counted against anybody. If you can share now, share now."
        ),
    ),
    "review-basis": (
        "The answer was not to share this",
        (
            "The registry’s answer named something that stands against sharing. Your decision is recorded all the "
            "same. Your information-governance lead is told, to look at what it rests on. It is about the decision, "
            "and is never counted against anybody. Whoever shares to protect a child from harm does right to share."
        ),
    ),
}
"""What is said on the page of a decision that goes against the answer: a title, and the rest."""
