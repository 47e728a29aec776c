"""Reports: what is kept of an error in the program, for whoever is to mend it."""

from __future__ import annotations

import contextlib
import logging
import platform
import traceback
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

import numpy as np
import PySide6
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from netbuilder import __version__
from netbuilder.errors import Message, UserError

_log = logging.getLogger(__name__)

_LARGEST, _OLDER = 256 * 1024, 2
"""Bytes of the log file, and how many older ones are kept beside it."""

Tell = Callable[[str, Message, tuple[str, Callable[[], object]] | None], None]
"""(kind, message, a button's words and what it does)"""


@contextlib.contextmanager
def log_file(folder: Path) -> Iterator[None]:
    """Keeps what the program says of its own errors in netbuilder.log; no data stands in there.

    Where it cannot be written, it is done without.
    """
    root = logging.getLogger("netbuilder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "netbuilder.log", maxBytes=_LARGEST, backupCount=_OLDER, encoding="utf-8"
        )
    except OSError as error:
        _log.warning("no log file: %s", error)
        yield
        return
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


def text_of(error: BaseException) -> str:
    """The error with what it happened in: versions and places in the program, and no data."""
    versions = (
        f"netbuilder {__version__}, Python {platform.python_version()}, "
        f"PySide6 {PySide6.__version__}, NumPy {np.__version__}, {platform.platform()}"
    )
    return f"{versions}\n{''.join(traceback.format_exception(error))}"


def reporter(
    tell: Tell,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    """An excepthook: an error in the program becomes a sentence, and the window lives on."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if isinstance(error, UserError):
            tell("error", error.message, None)
            return
        report = text_of(error.with_traceback(trace))
        _log.error("%s", report)
        message = Message(
            "Something went wrong in the program ({error}). Your network is still there; "
            "save it to be safe.",
            error=f"{kind.__name__}: {error}",
        )
        copy = QCoreApplication.translate("Report", "Copy report")
        tell("error", message, (copy, lambda: QGuiApplication.clipboard().setText(report)))

    return report
