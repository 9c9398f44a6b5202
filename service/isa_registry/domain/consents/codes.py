"""The closed lists of a consent record, each code with its plain words.

Sources: UK GDPR Articles 4(11), 7 and 9(2)(a); Mental Capacity Act 2005 sections 1, 3, 9 and 16; Family Law Reform Act
1969 section 8 and Gillick [1986] AC 112 for a child's own decision; Children Act 1989 sections 3, 31, 33 and 38.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Answer = Literal["given", "refused"]
Status = Literal["given", "refused", "withdrawn", "expired", "invalidated"]

STATUSES: dict[str, str] = {
    "given": "Somebody with standing said yes, and it counts",
    "refused": "Somebody with standing said no, and it counts",
    "withdrawn": "What was agreed was taken back",
    "expired": "It counts no longer: its last day has passed, or the child has come of an age to be asked",
    "invalidated": "It was found not to be what it says, and counts for nothing",
}

ROLES: dict[str, str] = {
    "the-basis": "Consent to sharing information, under data protection law",
    "agreement-to-service": "Agreement to a service, which is not what allows information to be shared",
}

CHILD_KINDS = frozenset({"child", "other-child"})
"""The kinds of subject for whom somebody else may answer because they are a child."""

CHILD_ITSELF = "child-with-capacity"


class Standing(NamedTuple):
    """Who may answer for which kinds of subject, and how it can be shown that they may. What was assessed or seen
    (`evidenced`) needs the reference of that assessment or document."""

    says: str
    subjects: frozenset[str]
    shown_by: tuple[str, ...]


STANDINGS: dict[str, Standing] = {
    CHILD_ITSELF: Standing(
        "The child or young person, who can decide this for themself",
        CHILD_KINDS | {"parent-carer"},
        ("gillick-assessed", "presumed-at-16"),
    ),
    "parental-responsibility": Standing(
        "Somebody with parental responsibility",
        CHILD_KINDS,
        ("parental-responsibility-evidenced", "parental-responsibility-on-record"),
    ),
    "local-authority": Standing(
        "The local authority that shares parental responsibility under a care order",
        CHILD_KINDS,
        ("care-order", "interim-care-order"),
    ),
    "expectant-mother": Standing(
        "The expectant mother: what is said of her unborn child is hers to agree to",
        frozenset({"unborn-child"}),
        ("capacity-presumed", "capacity-assessed", "presumed-at-16", "gillick-assessed"),
    ),
    "adult-self": Standing(
        "The adult, for themself",
        frozenset({"adult", "adult-at-risk", "parent-carer"}),
        ("capacity-presumed", "capacity-assessed"),
    ),
    "appointed-for-adult": Standing(
        "Somebody appointed to decide for an adult who cannot",
        frozenset({"adult", "adult-at-risk", "parent-carer"}),
        ("lasting-power-of-attorney", "court-appointed-deputy"),
    ),
}

SHOWN_BY: dict[str, str] = {
    "gillick-assessed": "Assessed as able to understand and decide (Gillick competence)",
    "presumed-at-16": "Aged 16 or 17, and presumed able to decide",
    "parental-responsibility-evidenced": "Parental responsibility was seen in a document or an order",
    "parental-responsibility-on-record": "Parental responsibility is established in the agency's own record",
    "care-order": "A care order (Children Act 1989 section 31)",
    "interim-care-order": "An interim care order (Children Act 1989 section 38)",
    "capacity-presumed": "An adult, presumed able to decide",
    "capacity-assessed": "An adult, assessed as able to decide (Mental Capacity Act 2005)",
    "lasting-power-of-attorney": "A registered lasting power of attorney that covers this",
    "court-appointed-deputy": "A deputy appointed by the Court of Protection for this",
}

EVIDENCED = frozenset(SHOWN_BY) - {"presumed-at-16", "capacity-presumed", "parental-responsibility-on-record"}
"""What was assessed or seen: its reference shows it (UK GDPR Article 7(1)). The others presume, or are the record."""

METHODS: dict[str, str] = {
    "signed-form": "Signed on paper",
    "online-form": "Filled in online",
    "in-person": "Said in person",
    "telephone": "Said by telephone",
    "video-call": "Said in a video call",
    "letter-or-email": "Written in a letter or an e-mail",
    "through-interpreter": "Said through an interpreter, sign language included",
    "communication-aid": "Said with symbols, pictures or another aid",
}

CHILDS_VIEWS: dict[str, str] = {
    "agrees": "The child agrees",
    "objects": "The child objects",
    "not-sought": "The child was not asked",
    "not-safe-to-seek": "It was not safe to ask the child",
    "too-young": "The child is too young to say, or not yet born",
    "no-child": "There is no child whose view would be asked",
}

INVALIDATION_REASONS: dict[str, str] = {
    "no-standing": "Whoever answered had no standing to",
    "no-capacity": "Whoever answered could not decide this",
    "not-informed": "They were not told what it was for",
    "not-freely-given": "They were not free to say no",
    "not-specific": "What was recorded is not what they were asked",
    "wrong-person": "It was recorded about somebody else",
    "recorded-in-error": "It was recorded by mistake",
    "cannot-be-shown": "Nothing shows any more that it was said",
}

NOT_UNDONE = (
    "Information that was shared before this stays shared lawfully: this does not undo it. "
    "It ends relying on this consent from now on. It does not stop sharing on another lawful basis: where a child may "
    "be at risk of harm, ask again as child protection."
)
"""What whoever withdraws, and whoever records it, is told (UK GDPR Article 7(3))."""
