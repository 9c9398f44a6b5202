"""Who is calling: what a valid token and the register together say about it."""

from __future__ import annotations

from msgspec import Struct

RECENT_SECONDS = 300
"""How long ago a person may have signed in who does what changes who may act: five minutes."""

BEGIN_SECONDS = 60 * 60
"""How long ago a person may have signed in who begins to record a decision on a page: an hour. They do it many times a
day, about one case each, so that it asks for less than what changes who may act."""

SIGN_SECONDS = 2 * 60 * 60
"""And when the registry signs it for them: whoever began in time has an hour to fill it in, and loses nothing over
signing in again."""


class Caller(Struct, frozen=True):
    """An organisation's system, or a person who works for it.

    A machine has `scopes` (the token's, narrowed to what the registry granted its client) and no roles. A
    person has the `roles` that the register holds today and no scopes. `auth_time` is when a person signed
    in and `expires_at` when the token ends, both in seconds since 1970; a missing `auth_time` counts as
    long ago.
    """

    organisation: str
    issuer: str
    subject: str
    client: str
    person: bool
    scopes: frozenset[str]
    roles: frozenset[str]
    auth_time: int | None
    expires_at: int

    def signed_in_since(self, moment: float) -> bool:
        """Whether the person proved who they are at or after `moment` (seconds since 1970), for RFC 9470."""
        return self.auth_time is not None and self.auth_time >= moment
