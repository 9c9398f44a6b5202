"""The codes of what a signatory says beside signing, each with the words that pages show: closed lists, and no free
text anywhere."""

from __future__ import annotations

DECLINE_REASONS = {
    "does-not-share": "We do not share for any of its purposes",
    "terms-not-acceptable": "We cannot accept its terms as they stand",
    "covered-by-another-agreement": "Another agreement covers us already",
    "no-lawful-basis": "We have found no lawful basis for it",
    "cannot-meet-safeguards": "We cannot meet its safeguards yet",
    "organisation-closing": "Our organisation is closing or merging",
}

WITHDRAWAL_REASONS = {
    "no-longer-shares": "We no longer share for any of its purposes",
    "terms-not-acceptable": "We can no longer accept its terms",
    "covered-by-another-agreement": "Another agreement covers us now",
    "no-lawful-basis": "The lawful basis that we relied on has gone",
    "signed-in-error": "It was signed in error",
    "organisation-closing": "Our organisation is closing or merging",
}

QUESTIONS = {
    "meaning": "What does this clause mean for us?",
    "applies-to-us": "Does this clause apply to a body of our kind?",
    "conflicts-with-a-duty": "This clause seems to conflict with a duty of ours",
    "how-in-practice": "How is this done in practice?",
    "data-not-held": "We do not hold what this clause asks for",
    "safeguards": "Which safeguards does this clause ask us for?",
    "error-in-the-words": "There seems to be a mistake in the words",
}

ANSWERS = {
    "applies-as-written": "It applies to you as it is written",
    "does-not-apply": "It does not apply to a body of your kind",
    "see-clause": "Another clause answers this",
    "share-what-you-hold": "Share what you hold: nothing obliges you to collect more",
    "attest-with-a-reservation": "Attest with a reservation for that purpose",
    "changed-in-the-next-version": "It will be changed in the next version",
    "raised-with-the-partnership": "It was raised with the partnership, which will decide",
}

AUTHORITIES = {
    "office-holder": "By the office that they hold",
    "scheme-of-delegation": "Under a scheme of delegation",
    "board-resolution": "By a resolution of the board",
}
