"""What an agency's own system uses to ask the registry, to sign what was decided, and to keep the proof.

A false or absent agreement is never a prohibition. In immediate danger share now and record afterwards: nothing
here, and no outage of the registry, is a reason to wait.
"""

from isa_client.async_registry import AsyncRegistry
from isa_client.calls import Signed
from isa_client.connections import AsyncConnection, Connection
from isa_client.registry import Registry
from isa_client.tokens import AsyncTokenSource, ClientCredentials, TokenSource

__all__ = [
    "AsyncConnection",
    "AsyncRegistry",
    "AsyncTokenSource",
    "ClientCredentials",
    "Connection",
    "Registry",
    "Signed",
    "TokenSource",
]
