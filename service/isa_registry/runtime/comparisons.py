"""Comparisons of published versions, worked out beside the event loop and kept: what is published never changes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from isa_registry.domain.comparing.comparison import Comparison, Wording, compare
from isa_registry.domain.register.facts import AgreementVersion
from isa_registry.domain.register.lineages import lineage_of
from isa_registry.domain.register.register import RegisterView

_KEPT = 32  # comparisons; one of two long agreements takes a megabyte or two


class Comparisons:
    """Each pair of versions is compared once by a worker, and one pair at a time: a long one leaves the others room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Comparison] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, view: RegisterView, old: AgreementVersion, new: AgreementVersion) -> Comparison:
        """What is different in `new`, with what took over from clauses that are gone as the versions say it. Raises
        `AgreementError` for words that are not an agreement's."""
        heirs = lineage_of(view, old.agreement).heirs(old.version, new.version)
        key = (old.text_sha256, old.schedule_sha256, new.text_sha256, new.schedule_sha256, tuple(heirs.items()))
        if key not in self._kept:
            async with self._turn:
                if key not in self._kept:
                    wordings = Wording(old.text, old.schedule), Wording(new.text, new.schedule)
                    self._kept[key] = await asyncio.to_thread(compare, *wordings, heirs)
                    if len(self._kept) > _KEPT:
                        self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]
