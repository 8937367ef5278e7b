"""Logs to standard error: lines of JSON for machines, plain text on a terminal."""

import json
import logging
import sys
from typing import Any

from bootstrapper.clock import to_text, utc_now
from bootstrapper.settings import Log

_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}


def start_logging(settings: Log, process: str) -> None:
    as_text = settings.format == "text" or (settings.format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler()
    text = f"%(levelname)s {process}: %(message)s"
    handler.setFormatter(logging.Formatter(text) if as_text else JsonLines(process))
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    for name in ("rq.worker", "httpx", "uvicorn.access", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """`extra={…}` of a call becomes fields of its line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": to_text(utc_now()),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _ORDINARY}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)
