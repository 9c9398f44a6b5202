"""What the routes of `api/access/notices.py` take and give."""

from __future__ import annotations

from isa_registry.api import notices, webhooks
from isa_registry.api.contract_form import JSON, Contract, Parameter, Shape

_BODY = "/api/v1/organisations/{organisation}"
_WEBHOOK = f"{_BODY}/webhooks/{{webhook}}"
_OWN = ("not-your-organisation",)
_UNDELIVERED = Parameter("state", "Only what did not reach somebody.", "undelivered", ("undelivered",))
_DEAD = Parameter("state", "Only what was given up.", "dead", ("dead",))
_CURSOR = Parameter("cursor", "Where the page begins: `next` of the page before.", "1234")


def _changes(operation: str, answers: Shape, *problems: str, takes: Shape, status: int = 200) -> Contract:
    return Contract(
        operation=operation,
        tag="notices",
        takes=((JSON, takes),),
        answers=(JSON, answers),
        status=status,
        problems=(*_OWN, *problems),
    )


def _steers(operation: str, answers: Shape, *, status: int = 200) -> Contract:
    return _changes(operation, answers, takes=webhooks.NothingMore, status=status)


CONTRACTS_OF_NOTICES: dict[tuple[str, str], Contract] = {
    ("GET", f"{_BODY}/notice-addresses"): Contract(
        operation="listNoticeAddresses", tag="notices", answers=(JSON, notices.NoticeAddressList), problems=_OWN
    ),
    ("POST", f"{_BODY}/notice-addresses"): _changes(
        "addNoticeAddress", notices.NoticeAddress, "unprocessable", "conflict",
        takes=notices.NewNoticeAddress, status=201,
    ),
    ("POST", f"{_BODY}/notice-addresses/removal"): _changes(
        "deleteNoticeAddress", notices.NoticeAddressList, "not-found", takes=notices.NoticeAddressId
    ),
    ("GET", f"{_BODY}/webhooks"): Contract(
        operation="listWebhooks", tag="notices", answers=(JSON, webhooks.WebhookList), problems=_OWN
    ),
    ("POST", f"{_BODY}/webhooks"): _changes(
        "addWebhook", webhooks.WebhookLine, "unprocessable", "conflict", "not-found",
        takes=webhooks.NewWebhook, status=201,
    ),
    ("GET", f"{_WEBHOOK}/deliveries"): Contract(
        operation="listWebhookDeliveries",
        tag="notices",
        answers=(JSON, webhooks.WebhookDeliveryList),
        query=(_DEAD, _CURSOR),
        problems=_OWN,
    ),
    ("POST", f"{_WEBHOOK}/test"): _steers("testWebhook", webhooks.TestSent, status=202),
    ("POST", f"{_WEBHOOK}/pause"): _steers("pauseWebhook", webhooks.WebhookList),
    ("POST", f"{_WEBHOOK}/resumption"): _steers("resumeWebhook", webhooks.WebhookList),
    ("POST", f"{_WEBHOOK}/removal"): _steers("deleteWebhook", webhooks.WebhookList),
    ("POST", f"{_WEBHOOK}/deliveries/{{delivery}}/redelivery"): _steers("redeliverEvent", webhooks.TestSent),
    ("GET", "/api/v1/notices"): Contract(
        operation="listNotices", tag="notices", answers=(JSON, notices.NoticeList), query=(_UNDELIVERED, _CURSOR),
        headers=("Link",),
    ),
    ("POST", "/api/v1/notices/redelivery"): Contract(
        operation="redeliverNotice",
        tag="notices",
        takes=((JSON, notices.NoticeDeliveryId),),
        answers=(JSON, notices.NoticeDelivery),
        problems=("not-found",),
    ),
}  # fmt: skip
