"""Log lines: JSON, one event a line, to standard output. Never a body, a token, a header or a query."""

from __future__ import annotations

import logging
import sys

import msgspec
import structlog

_encode = msgspec.json.Encoder().encode


def _render(_logger: object, _name: str, event: structlog.types.EventDict) -> bytes:
    return _encode(event)


def configure_logging(level: str) -> None:
    """Sets up the process's logging, once. `level` is debug, info, warning or error."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        cache_logger_on_first_use=True,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _place_of_exception,
            _render,
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
    )
    # Libraries' own lines may repeat what a client sent, so only their warnings come through, without arguments.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_NameAndLevel())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)


class _NameAndLevel(logging.Formatter):
    """Who complains, how badly, and the kind of exception: a traceback would end with its text, which may hold
    data."""

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0] if record.exc_info else None
        return f"{record.name}: {record.levelname}" + (f": {kind.__name__}" if kind else "")


def _place_of_exception(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """An exception as its type and place: its text may hold data."""
    if event.pop("exc_info", None):
        kind, _, trace = sys.exc_info()
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        event["error"] = getattr(kind, "__name__", "")
        event["where"] = "" if trace is None else f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
    return event
