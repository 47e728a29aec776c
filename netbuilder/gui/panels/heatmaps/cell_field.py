"""A field laid over a cell of the heatmap, in which its number is typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtWidgets import QWidget

from netbuilder.gui.theme.colours import Theme
from netbuilder.gui.widgets.fonts import tabular
from netbuilder.gui.widgets.typed_field import TypedField

_WIDE, _TALL = 76, 22


class CellField(TypedField):
    """The panel says why a number is refused."""

    refused = Signal(str)
    """Why; "" when all is well again."""

    def __init__(
        self, parent: QWidget, cell: QRect, text: str, theme: Theme, accept: Callable[[str], None]
    ) -> None:
        super().__init__(parent, text, theme, accept)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFont(tabular(self.font(), 0.9))
        self.setAccessibleName(self.tr("Value"))
        place = QRect(0, 0, max(_WIDE, cell.width()), _TALL)
        place.moveCenter(cell.center())
        room = parent.rect()
        place.moveLeft(max(0, min(place.left(), room.right() - place.width())))
        place.moveTop(max(0, min(place.top(), room.bottom() - place.height())))
        self.setGeometry(place)
        self.open()

    def _refuse(self, why: str) -> None:
        self.refused.emit(why)
