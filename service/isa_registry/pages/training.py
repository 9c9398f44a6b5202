"""The routes for whoever teaches: clauses in a frame, feeds of changes, and the page on which links are made."""

from __future__ import annotations

from litestar.handlers import HTTPRouteHandler

from isa_registry.pages.embedding import embedding_handlers
from isa_registry.pages.feeds import feed_handlers
from isa_registry.pages.signing_in import Declare
from isa_registry.pages.trainers import trainer_handlers


def training_handlers(reads: Declare, writes: Declare) -> list[HTTPRouteHandler]:
    return [*embedding_handlers(reads), *feed_handlers(reads), *trainer_handlers(reads, writes)]
