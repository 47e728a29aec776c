"""Files dropped on the window: one network or one table, which is read and never taken away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QWidget

from netbuilder.data.files import SUFFIXES
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.documents import SUFFIX, is_network

ARRAYS = ".npz"
"""Of data, or of a learner's homework: what is in it tells."""


class FileDrop(QObject):
    """Watches a window; while a file is carried over it, a frame says what a drop would do."""

    def __init__(
        self,
        window: QWidget,
        themes: ThemeManager,
        take: Callable[[Path], None],
        explain: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._window, self._themes = window, themes
        self._take, self._explain = take, explain
        self.target = QLabel(window)
        self.target.setObjectName("file_target")
        self.target.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.target.setTextFormat(Qt.TextFormat.PlainText)
        self.target.setWordWrap(True)
        self.target.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.target.hide()
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self.target.hide()
        elif isinstance(event, QDropEvent) and event.mimeData().hasUrls():
            # A file manager that is told of a move deletes the file.
            if not event.possibleActions() & Qt.DropAction.CopyAction:
                return False
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            path, refusal = self._judge(event)
            if event.type() == QEvent.Type.DragEnter:
                self._show(path, refusal)
            elif event.type() == QEvent.Type.Drop:
                self.target.hide()
                if path is not None:
                    self._take(path)
                else:
                    self._explain(refusal)
            return True
        return super().eventFilter(watched, event)

    def _judge(self, event: QDropEvent) -> tuple[Path | None, str]:
        """The one file that can be read, or why there is none."""
        urls = event.mimeData().urls()
        if len(urls) != 1:
            return None, self.tr("One file at a time: {count} were carried here.").format(
                count=len(urls)
            )
        path = Path(urls[0].toLocalFile())
        known = path.suffix.lower() in (SUFFIX, *SUFFIXES) or path.is_dir()  # of images
        known = known or is_network(path)
        if not urls[0].isLocalFile() or not known:
            return None, self.tr(
                "{name} is neither a network ({network}) nor a table ({tables})."
            ).format(
                name=urls[0].fileName() or urls[0].toString(),
                network=SUFFIX,
                tables=", ".join(SUFFIXES),
            )
        return path, ""

    def _show(self, path: Path | None, refusal: str) -> None:
        theme = self._themes.theme
        if path is None:
            words = refusal
        elif path.suffix.lower() == SUFFIX:
            words = self.tr("Drop to open {name}").format(name=path.name)
        elif is_network(path):
            words = self.tr("Drop to import {name}").format(name=path.name)
        elif path.suffix.lower() == ARRAYS:
            words = self.tr("Drop to learn from {name}, or to check it as homework").format(
                name=path.name
            )
        else:
            words = self.tr("Drop to learn from {name}").format(name=path.name)
        color = theme.color("error" if path is None else "accent").name()
        ground = theme.color("card")
        self.target.setStyleSheet(
            f"#file_target {{ color: {color}; border: 2px dashed {color}; border-radius: 12px;"
            f" background: rgba({ground.red()}, {ground.green()}, {ground.blue()}, 225);"
            " font-size: 16px; font-weight: 600; padding: 20px; }"
        )
        self.target.setText(words)
        self.target.setGeometry(self._window.rect().adjusted(12, 12, -12, -12))
        self.target.show()
        self.target.raise_()
