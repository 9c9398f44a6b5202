"""What shapes are whose types say nothing of it themselves, because their name and members do."""

from __future__ import annotations

SHAPE_WORDS: dict[str, str] = {
    "AcknowledgementSent": "A recipient's signed acknowledgement of an event.",
    "AgreementList": "The versions of agreements, in the order of their agreements.",
    "ClientList": "An organisation's machine clients.",
    "ClientRevoked": "That a machine client may do nothing any more.",
    "EventAdvice": "Advice that was taken before deciding: from which role, and what it was.",
    "EventAgreement": "The version of an agreement that a decision rests on.",
    "EventBasis": "The provisions that a decision rests on, by their codes and in order.",
    "EventDecider": "Who decided: a role, and a reference that only the body itself can resolve.",
    "EventDuty": "What was weighed for a duty to share; null where it was not known.",
    "EventInformed": "Whether the family was told, and where not, why.",
    "EventSubject": "Whom the information is about: a kind of person, roles, and the body's own keyed reference.",
    "IssuerList": "An organisation's issuers, and what each is registered for.",
    "IssuerRemoved": "That tokens of an issuer count no longer.",
    "NotKnown": "What the record of processing does not say, by a code and in words.",
    "NoticeAddressList": "The addresses at which a body is told of things.",
    "PartnershipList": "The partnerships of this registry.",
    "RoleRevoked": "That a person has a role no longer.",
    "WebhookList": "A body's webhooks.",
    "WithheldCategory": "A category that was held back, and the code of why.",
}
