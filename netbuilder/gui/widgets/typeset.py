"""Typeset formulas: LaTeX of our own as pictures, made on a thread and kept by what they say.

Only strings that the program makes itself may come here: what a user or a file says does not.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

from PySide6.QtCore import QObject, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtSvg import QSvgRenderer

from netbuilder.lens.later import Later

_KEPT = 600
"""Formulas that are kept, some kilobytes each."""
_TOGETHER = 150
"""Milliseconds: who lays formulas out does so no more often while they come one by one."""
_log = logging.getLogger(__name__)


class Formula:
    """One formula, ready to be painted at any scale."""

    def __init__(self, svg: bytes) -> None:
        self._renderer = QSvgRenderer(svg)
        box = self._renderer.viewBoxF()
        self.size = QSizeF(box.width(), box.height())
        self.ascent = -box.top()
        """From the top down to the line that letters stand on."""

    def paint(self, painter: QPainter, left: float, baseline: float) -> None:
        corner = QRectF(left, baseline - self.ascent, self.size.width(), self.size.height())
        self._renderer.render(painter, corner)


class Typesetter(QObject):
    """Makes formulas; while one is being made there is none, and ``ready`` tells when to ask."""

    ready = Signal()
    _made = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._later = Later(self._made.emit)
        self._drawn: dict[tuple[str, float, str], bytes] = {}
        """What the thread has made: put there by it, and taken away by this one."""
        self._formulas: OrderedDict[tuple[str, float, str], Formula | None] = OrderedDict()
        self._news = False
        """Whether there are formulas that ``ready`` has not told of."""
        self._page: object = object()
        """Whose formulas are being made."""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TOGETHER)
        self._soon.timeout.connect(self._take)
        self._made.connect(self._on_made, Qt.ConnectionType.QueuedConnection)

    def formula(self, latex: str, size: float, color: str) -> Formula | None:
        """A formula in letters of so many pixels; None until it is made."""
        key = latex, size, color
        if key in self._drawn:
            self._keep(key)
        if key in self._formulas:
            self._formulas.move_to_end(key)
            return self._formulas[key]
        self._later.want(self._page, key, lambda: self._make(key), alone=True)
        return None

    def turn_page(self) -> None:
        """What was asked for until now, and is not made yet, is wanted no more."""
        self._page = object()

    @property
    def busy(self) -> bool:
        return self._later.is_busy_with(self._page) or bool(self._drawn) or self._news

    def close(self) -> None:
        self._soon.stop()
        self._later.stop()

    def _make(self, key: tuple[str, float, str]) -> None:
        """On the thread."""
        latex, size, color = key
        try:
            import ziamath  # a third of a second: only who looks inside an update pays for it

            ziamath.config.svg2 = False  # Qt paints next to nothing of SVG 2
            drawn = ziamath.Latex(latex, size=size, color=color).svg()
        except Exception:
            _log.exception("cannot be typeset: %s", latex)
            drawn = ""
        # The bar of \overline is left black.
        self._drawn[key] = drawn.replace('fill="black"', f'fill="{color}"').encode()

    def _on_made(self) -> None:
        # All that come within a moment are laid out at once; the last ones at once.
        if not self._later.is_busy_with(self._page):
            self._take()
        elif not self._soon.isActive():
            self._soon.start()

    def _take(self) -> None:
        self._soon.stop()
        for key in list(self._drawn):
            self._keep(key)
        while len(self._formulas) > _KEPT:
            self._formulas.popitem(last=False)
        if self._news:
            self._news = False
            self.ready.emit()

    def _keep(self, key: tuple[str, float, str]) -> None:
        svg = self._drawn.pop(key)
        self._formulas[key] = Formula(svg) if svg else None
        self._news = True
