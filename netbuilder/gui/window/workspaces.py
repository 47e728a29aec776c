"""Workspaces: named arrangements of the same docks; which panels they show, the panels say."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QByteArray, QCoreApplication, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMainWindow, QTabBar, QTabWidget, QWidget
from shiboken6 import isValid

from netbuilder.document.model.project import Project
from netbuilder.gui.centre import Centre
from netbuilder.gui.panels.registry import AREAS, FIT, Spot, find_panels, make_panel
from netbuilder.gui.theme.translation import QT_TRANSLATE_NOOP
from netbuilder.gui.widgets.caption import caption_font
from netbuilder.gui.window import remembered
from netbuilder.gui.window.dock import Dock
from netbuilder.registry import Registry

_NARROWEST = 160
"""Pixels: a dock of any less shows nothing that could be read."""
_MOST = 0.56
"""Of an area's height, what a panel may take that takes as much as it needs: it scrolls."""
_BARS = 110
"""Pixels of the window's height that menu, toolbar and status line take, about."""
_DOCK_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "under": Qt.DockWidgetArea.BottomDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_ACROSS, _DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


@dataclass(frozen=True)
class Extent:
    """How far an area reaches into the window: a share of it, within limits in pixels."""

    share: float
    least: int
    most: int = 10_000

    def of(self, whole: int) -> int:
        return min(max(self.least, round(self.share * whole)), self.most)


@dataclass(frozen=True)
class Workspace:
    """The row of one workspace; ``&`` in the title marks the key in the menu."""

    title: str
    shortcut: str
    left: Extent
    right: Extent
    bottom: Extent


WORKSPACES: Registry[Workspace] = Registry("workspace")
WORKSPACES.add(
    "build",
    Workspace(
        QT_TRANSLATE_NOOP("Actions", "&Build"),
        "Ctrl+1",
        left=Extent(0.161, 216, 232),
        right=Extent(0.203, 276, 292),
        bottom=Extent(0.31, 220),
    ),
)
WORKSPACES.add(
    "watch",
    Workspace(
        QT_TRANSLATE_NOOP("Actions", "&Watch"),
        "Ctrl+2",
        left=Extent(0.161, 216, 232),
        right=Extent(0.32, 340),
        bottom=Extent(0.41, 260),
    ),
)
WORKSPACES.add(
    "understand",
    Workspace(
        QT_TRANSLATE_NOOP("Actions", "&Understand"),
        "Ctrl+3",
        left=Extent(0.161, 216, 232),
        right=Extent(0.25, 300),
        bottom=Extent(0.41, 280),
    ),
)
WORKSPACES.add(
    "inside",
    Workspace(
        QT_TRANSLATE_NOOP("Actions", "&Microscope"),
        "Ctrl+4",
        left=Extent(0.161, 216, 232),
        right=Extent(0.22, 276, 320),
        bottom=Extent(0.53, 350),
    ),
)


class Panels(Mapping[str, QWidget]):
    """The panels by name; one that nobody has seen yet is made when it is asked for."""

    def __init__(self, docks: Mapping[str, Dock]) -> None:
        self._docks = docks

    def __getitem__(self, name: str) -> QWidget:
        return self._docks[name].fill()

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    def __len__(self) -> int:
        return len(self._docks)


class Workspaces(QObject):
    """Makes the docks of all panels, arranges them, and remembers how the user has them."""

    changed = Signal(str)
    """(name,) another workspace is in force."""

    def __init__(self, window: QMainWindow, centre: Centre) -> None:
        super().__init__(window)
        self._window = window
        self.current = next(iter(WORKSPACES))
        self._states: dict[str, QByteArray] = {}
        self._behind: set[str] = set()
        """The workspaces that have not been seen since other data was chosen."""
        window.setDockNestingEnabled(True)
        window.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        window.setCorner(Qt.Corner.BottomLeftCorner, _DOCK_AREAS["left"])
        window.setCorner(Qt.Corner.BottomRightCorner, _DOCK_AREAS["right"])
        rows = find_panels()
        self._rows = {
            name: rows[name]
            for name in sorted(
                rows, key=lambda n: (AREAS.index(rows[n].home.area), rows[n].home.order, n)
            )
        }
        self._store = centre.store
        self.docks: dict[str, Dock] = {}
        self.panels = Panels(self.docks)
        for name, row in self._rows.items():
            dock = self.docks[name] = Dock(
                name,
                self._title(name),
                partial(make_panel, name, centre),
                centre.themes,
                row.scrolls,
            )
            # A remembered arrangement finds only docks that are somewhere in the window.
            window.addDockWidget(_DOCK_AREAS[row.home.area], dock)
            if row.home.area == "under":
                dock.setFeatures(Dock.DockWidgetFeature.DockWidgetClosable)
            dock.setMinimumWidth(max(dock.minimumWidth(), _NARROWEST))
            dock.visibilityChanged.connect(self._follow_tabs)
            dock.dockLocationChanged.connect(self._follow_tabs)
            # A panel that was closed may come back behind another's tab.
            dock.toggleViewAction().triggered.connect(
                lambda shown, dock=dock: dock.raise_() if shown else None
            )
        centre.store.changed.connect(self._on_changed)
        self._examples = centre.cursor.examples
        self._examples.sight_changed.connect(self._on_sight)

    # --- which one ---------------------------------------------------------------------------

    def show(self, name: str) -> None:
        """Puts another workspace in force, as the user left it."""
        if name == self.current:
            return
        self._states[self.current] = self._window.saveState(self._version)
        self._put(name)

    def bring(self, panel: str) -> None:
        """A panel to where it is seen: open, and before the other tabs."""
        self.docks[panel].show()
        self.docks[panel].raise_()

    def reset(self) -> None:
        """All panels of this workspace back to where they were at the first start."""
        self._at_once(self._arrange)

    def _put(self, name: str) -> None:
        self.current = name
        state = self._states.get(name)
        if state is None or not self._at_once(
            lambda: self._window.restoreState(state, self._version)
        ):
            self._at_once(self._arrange)
        if name in self._behind:
            self._behind.discard(name)
            self._raise_what_matters()
        self._follow_tabs()
        self.changed.emit(name)

    def _on_changed(self, old: Project, new: Project) -> None:
        """Some panels show another thing for other data, and call it by another name."""
        for name, dock in self.docks.items():
            if dock.windowTitle() != (title := self._title(name)):
                dock.setWindowTitle(title)
        if new.data is not old.data and any(map(self._matters_most, self.docks)):
            # What matters comes to the front here at once, elsewhere when one comes there.
            self._behind = set(WORKSPACES) - {self.current}
            self._raise_what_matters()

    def _on_sight(self) -> None:
        """A cell's examples were asked for, so that they come to the front."""
        if self._examples.sight.cell is not None:
            self.bring("examples")

    def _title(self, name: str) -> str:
        row, info = self._rows[name], self._store.compiled.info
        title = row.title if row.title_of is None or info is None else row.title_of(info)
        return QCoreApplication.translate("Panels", title)

    def _matters_most(self, name: str) -> bool:
        row, info = self._rows[name], self._store.compiled.info
        return row.matters_most is not None and info is not None and row.matters_most(info)

    def _at_once(self, change: Callable[[], bool | None]) -> bool | None:
        """Paints the window once, after the whole change."""
        self._window.setUpdatesEnabled(False)
        try:
            return change()
        finally:
            self._window.setUpdatesEnabled(True)
            for dock in self.docks.values():
                if not dock.visibleRegion().isEmpty():
                    dock.fill()

    # --- arranging ---------------------------------------------------------------------------

    def _spot(self, name: str) -> Spot:
        return self._rows[name].spots.get(self.current, self._rows[name].home)

    def _shows(self, name: str) -> bool:
        return self.current in self._rows[name].spots

    def _groups(self, area: str) -> list[list[str]]:
        """The panels of an area in order; those of one group share a place, as tabs."""
        groups: dict[int, list[str]] = {}
        # Closed ones come last, so that what is seen holds the place.
        for name in sorted(self.docks, key=lambda n: (not self._shows(n), self._spot(n).tab)):
            if self._spot(name).area == area:
                groups.setdefault(self._spot(name).order, []).append(name)
        return [groups[order] for order in sorted(groups)]

    def _arrange(self) -> None:
        window, docks = self._window, self.docks
        for dock in docks.values():
            dock.setFloating(False)
            window.removeDockWidget(dock)
        above: Dock | None = None
        for area in AREAS:
            groups = self._groups(area)
            before: Dock | None = None
            for first, *_ in groups:
                if before is not None:
                    along = _ACROSS if area == "bottom" else _DOWN
                    window.splitDockWidget(before, docks[first], along)
                elif area == "bottom" and above is not None:
                    window.splitDockWidget(above, docks[first], _DOWN)
                else:
                    window.addDockWidget(_DOCK_AREAS[area], docks[first])
                before = docks[first]
            above = before if area == "under" else None
            # Not before: beside a dock that has tabs, Qt adds another tab in place of a split.
            for first, *others in groups:
                for other in others:
                    window.tabifyDockWidget(docks[first], docks[other])
        for name, dock in docks.items():
            dock.setVisible(self._shows(name))
        for area in AREAS:
            for group in self._groups(area):
                shown = [name for name in group if self._shows(name)]
                if shown:
                    front = next(filter(self._matters_most, shown), shown[0])
                    docks[front].raise_()
                    docks[front].fill()  # there is no size without it
        self._size()
        self._follow_tabs()

    def _raise_what_matters(self) -> None:
        for name, dock in self.docks.items():
            if self._shows(name) and self._matters_most(name):
                dock.raise_()

    def _size(self) -> None:
        """Shares that suit the workspace, at any size of the window."""
        window, row = self._window, WORKSPACES[self.current]
        seen = {area: self._seen(area) for area in AREAS}
        across = {"left": row.left.of(window.width()), "right": row.right.of(window.width())}
        sides = [area for area in across if seen[area]]
        window.resizeDocks(
            [self.docks[seen[area][0]] for area in sides], [across[area] for area in sides], _ACROSS
        )
        bottom = [self.docks[name] for name in seen["bottom"]]
        window.resizeDocks(bottom, [row.bottom.of(window.height())] * len(bottom), _DOWN)
        room = window.width() - sum(across[area] for area in sides)
        self._share(seen["bottom"], room, _ACROSS)
        for area in sides:
            self._share(seen[area], window.height() - _BARS, _DOWN)

    def _seen(self, area: str) -> list[str]:
        """Of each place in an area that shows something, its first panel."""
        return [first for first, *_ in self._groups(area) if self._shows(first)]

    def _share(self, names: list[str], room: int, along: Qt.Orientation) -> None:
        """Divides the length of an area among the panels that stand there."""
        fitting = {
            name: min(self._height(name), round(_MOST * room))
            for name in names
            if self._spot(name).share == FIT
        }
        rest = room - sum(fitting.values())
        whole = sum(self._spot(name).share for name in names) or 1.0
        sizes = [fitting.get(name, round(rest * self._spot(name).share / whole)) for name in names]
        self._window.resizeDocks([self.docks[name] for name in names], sizes, along)

    def _height(self, name: str) -> int:
        """With all of the panel in sight."""
        return self.panels[name].sizeHint().height() + self.docks[name].title.height()

    def _follow_tabs(self, *_: object) -> None:
        """Docks that share a place have tabs in place of their titles."""
        if not isValid(self._window):  # docks say that they go after their window has gone
            return
        for dock in self.docks.values():
            tabbed = not dock.isFloating() and any(
                not other.isHidden() for other in self._window.tabifiedDockWidgets(dock)
            )
            dock.title.show_in_tabs(tabbed or self._rows[dock.objectName()].home.area == "under")
        window = self._window
        for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setFont(caption_font(window.font(), 0.78, 0.3))
            bar.setExpanding(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(False)

    # --- remembering -------------------------------------------------------------------------

    @property
    def _version(self) -> int:
        """Another set of panels has another: what was remembered without one of them is let go."""
        return zlib.crc32(" ".join(sorted(self.docks)).encode()) & 0x7FFFFFFF

    def remember(self, settings: QSettings) -> None:
        self._states[self.current] = self._window.saveState(self._version)
        settings.setValue("workspace", self.current)
        for name, state in self._states.items():
            remembered.put(settings, f"docks/{name}", state)

    def restore(self, settings: QSettings, sizes_fit: bool) -> None:
        """As it was left; where the window is of another size, only which workspace it was."""
        if sizes_fit:
            for name in WORKSPACES:
                state = remembered.get(settings, f"docks/{name}")
                if state is not None:
                    self._states[name] = state
        last = str(settings.value("workspace", self.current))
        self._put(last if last in WORKSPACES else self.current)
