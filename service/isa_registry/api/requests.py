"""The request type of every handler here. State and caller are read through `frame.py`."""

from __future__ import annotations

from typing import Any, TypeAlias

import litestar

Request: TypeAlias = litestar.Request[Any, Any, Any]
