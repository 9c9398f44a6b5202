"""What is disputed, what is done about it and what comes of it: closed lists of codes, each with its words."""

from __future__ import annotations

from typing import Literal

SUBJECT_KINDS: dict[str, str] = {
    "event": "A recorded decision to share or not to share",
    "check": "The answer to a check",
    "request": "A request that was refused or not answered",
}
"""What a challenge is about. A decision not to share is not shown to the body that asked, so that body names the
request by the reference that it gave it."""

GROUNDS: dict[str, str] = {
    "not-shared": "The information was not shared",
    "part-shared": "Part of the information was held back",
    "put-off": "The decision was put off, or came too late",
    "not-answered": "The request was not answered",
    "consent-asked-for": "Consent was made a condition where it is not the basis",
    "basis-disputed": "The lawful basis relied on, or said to be lacking, is disputed",
    "answer-disputed": "The answer does not fit the facts, or the facts were given wrongly",
    "more-than-needed": "More was shared than was necessary",
    "not-accurate": "What was shared was wrong, or did not keep fact and opinion apart",
}
"""What is disputed. Why, in the case, stands in the bodies' own records."""

STEPS: dict[str, str] = {
    "answer-shares": "The information is shared",
    "answer-shares-part": "Part of the information is shared",
    "answer-stands": "The decision stands, and the other body was told why",
    "ask-more": "More detail was asked for",
    "give-more": "More detail was given",
    "move-up": "Moved to the next stage",
    "close": "Closed",
}
"""What a body does about a challenge. `close` says in a code of its own what came of it."""

ANSWERS = ("answer-shares", "answer-shares-part", "answer-stands")

OUTCOMES: dict[str, str] = {
    "resolved-shared": "Settled: the information was shared",
    "resolved-part-shared": "Settled: part of the information was shared",
    "resolved-otherwise": "Settled another way: what was needed was met without it",
    "answer-corrected": "Put right: the facts, the answer or the record were wrong and are corrected",
    "decision-stands-agreed": "The decision stands, and the body that raised it agrees",
    "decision-stands-escalated-out": "Not settled in these stages: taken further outside them",
    "withdrawn-by-raiser": "Withdrawn by the body that raised it",
}

OUT_OF_STAGES = "decision-stands-escalated-out"
"""Can be said at the last stage alone, and by either body: otherwise what came of a challenge is for the body that
raised it to say, since nobody settles a challenge to their own decision by themselves."""

Side = Literal["raiser", "challenged"]
