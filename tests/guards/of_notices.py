"""The guards of notices and webhooks, as rows of `table.py`: name, file, piece, what takes its place, tests."""

from __future__ import annotations

PUBLIC, SMTP, KEEPING = "outbound/public_hosts.py", "outbound/smtp.py", "runtime/notices/keeping.py"
POSTED, SENT, OUTBOX = (
    "tests/outbound/test_posting.py::",
    "tests/notices/test_smtp.py::",
    "tests/notices/test_outbox.py::",
)
API = "tests/notices/test_api.py::"

OF_NOTICES = (
    (
        "neither a webhook nor a key set is at a private address", PUBLIC,
        "if not addresses or not all(map(is_public, addresses)):", "if not addresses:",
        f"{POSTED}test_no_private_address_is_reached_by_any_name",
        "tests/outbound/test_fetching.py::test_a_body_points_the_registry_at_no_private_host",
    ),
    (
        "an address that stands for another is not public", PUBLIC,
        "    if isinstance(found, ipaddress.IPv6Address) and _stands_for_another(found):\n        return False\n", "",
        f"{POSTED}test_no_private_address_is_reached_by_any_name",
    ),
    (
        "a webhook goes to the address that was looked at", PUBLIC,
        "target.copy_with(host=address),", "target,",
        f"{POSTED}test_the_connection_goes_to_the_address_that_was_looked_at_and_the_certificate_is_held_to_the_name",
    ),
    (
        "what one address of a webhook may have taken is sent to no other", PUBLIC,
        "except (httpx.ConnectError, httpx.ConnectTimeout):", "except httpx.HTTPError:",
        f"{POSTED}test_what_was_sent_to_one_address_is_sent_to_no_other",
    ),
    (
        "a webhook follows no redirection", PUBLIC, "follow_redirects=False", "follow_redirects=True",
        f"{POSTED}test_a_redirection_is_an_answer",
    ),
    (
        "mail goes over TLS", SMTP,
        "                    server.starttls(context=self._context)\n", "                    pass\n",
        f"{SENT}test_a_server_without_starttls_is_told_nothing",
    ),
    (
        "a letter's state is written before it is sent, and asked after before it is repeated",
        "runtime/notices/sending.py",
        "if held.tries > 1 and await self._mailer.was_sent(held.id):", "if False:",
        "tests/notices/test_notify.py::test_a_letter_that_notify_took_without_our_hearing_of_it_is_not_repeated",
    ),
    (
        "a deleted address is told nothing more", "store/notice_addresses.py",
        '        await connection.execute(_SQL["drop_deliveries"], identifier, now)\n', "",
        f"{OUTBOX}test_a_deleted_address_is_told_nothing_more",
    ),
    (
        "a body's addresses are kept by whom the table says", KEEPING,
        "    if role not in roles_kept_by(notices.view, by, instant(now)):", "    if False:",
        f"{API}test_who_keeps_which_addresses",
    ),
    (
        "a sent letter leaves neither address nor secret behind", "store/outbox.sql",
        "SET state = $3, settled_at = $4, error = $5, address = NULL, secret = NULL, kept = NULL",
        "SET state = $3, settled_at = $4, error = $5",
        f"{OUTBOX}test_once_it_is_sent_no_address_and_no_secret_is_left",
    ),
)  # fmt: skip
