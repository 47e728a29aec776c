"""The tabs of the workspaces: one look tells which is in force, one click puts another there."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTabBar

from netbuilder.gui.window.workspaces import WORKSPACES, Workspaces


class WorkspaceTabs(QTabBar):
    """Follows the menu as the menu follows it."""

    def __init__(self, workspaces: Workspaces) -> None:
        super().__init__()
        self.setObjectName("workspaces")
        self.setAccessibleName(self.tr("Workspaces"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setExpanding(False)
        self.setUsesScrollButtons(False)
        for name, row in WORKSPACES.items():
            title = QCoreApplication.translate("Actions", row.title).replace("&", "")
            tab = self.addTab(title)
            self.setTabData(tab, name)
            keys = QKeySequence(row.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            self.setTabToolTip(
                tab,
                self.tr("{workspace}: its own panels ({keys})").format(workspace=title, keys=keys),
            )
        self._follow(workspaces.current)
        self.currentChanged.connect(lambda tab: workspaces.show(self.tabData(tab)))
        workspaces.changed.connect(self._follow)

    def _follow(self, name: str) -> None:
        self.setCurrentIndex(list(WORKSPACES).index(name))
