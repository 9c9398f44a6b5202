"""`isa-client token`: print an access token, for other programs to use."""

import argparse

from isa_client.commands import connecting

DEMONSTRATION_SCOPE = "checks:ask events:write events:read consents:write consents:read agreements:read"


def add(parser: argparse.ArgumentParser) -> None:
    """Describe the command's options."""
    connecting.add_common(parser)
    connecting.add_sign_in(parser)


def run(options: argparse.Namespace) -> int:
    """Print the token and nothing else. It is kept nowhere."""
    print(connecting.tokens(options, DEMONSTRATION_SCOPE).token())
    return 0
