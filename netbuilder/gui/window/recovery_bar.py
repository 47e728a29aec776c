"""The bar of recovery: what a window that did not end properly has left, to be taken or not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from netbuilder.document.file.lock import when
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.window.bar import Bar
from netbuilder.gui.window.keeper import Keeper


class RecoveryBar(Bar):
    """Offers one window's work after the other."""

    def __init__(self, parent: QWidget, keeper: Keeper, themes: ThemeManager) -> None:
        super().__init__(parent, themes)
        self._keeper = keeper
        keeper.found_changed.connect(self._show)

    def _show(self) -> None:
        keeper = self._keeper
        if not keeper.found:
            self.hide()
            return
        about = keeper.found[0].about
        epochs = self.tr("{count} epochs").format(count=f"{about.epoch:,}")
        words = self.tr("netbuilder did not end properly. Kept at {time}: {name}, {epochs}").format(
            time=when(about.at),
            name=Path(about.path).name or self.tr("Untitled"),
            epochs=epochs if about.epoch else self.tr("not trained"),
        )
        if len(keeper.found) > 1:
            words += self.tr(" (and {count} more)").format(count=len(keeper.found) - 1)
        buttons = (
            (self.tr("Recover"), keeper.recover),
            (self.tr("Discard"), keeper.discard),
        )
        self.tell("info", words, buttons, closable=True)
