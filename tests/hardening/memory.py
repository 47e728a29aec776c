"""Memory of the window at full speed on the flower: from its second minute on it hardly grows.

    python -m tests.hardening.memory [MINUTES]

What is kept of the run, its log and its moments, has bounds of its own and is told apart. Exit code
1 where all the rest is more than 5 % larger after the last minute than after the second.
"""

from __future__ import annotations

import os
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QSettings, QTimer

from netbuilder import machine
from netbuilder.document.templates import first_start
from netbuilder.gui.store import Store
from netbuilder.gui.theme.manager import ThemeManager
from netbuilder.gui.training_bridge import TrainingBridge
from netbuilder.gui.window.app import SWITCH_INTERVAL, application
from netbuilder.gui.window.main_window import MainWindow

MOST = 1.05


def kept_of(window: MainWindow) -> int:
    """Bytes of what is kept of the run."""
    last = window.bridge.last
    if last is None:
        return 0
    moments = 0 if last.recorder is None else last.recorder.nbytes
    return moments + last.log.nbytes


def main() -> None:
    minutes = round(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
    app = application()
    themes = ThemeManager("light")
    themes.apply()
    sys.setswitchinterval(SWITCH_INTERVAL)
    seen: list[tuple[int, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(first_start())
        settings = QSettings(f"{folder}/s.ini", QSettings.Format.IniFormat)
        window = MainWindow(store, TrainingBridge(store), themes, settings)
        window.resize(1280, 720)
        window.show()
        window.bridge.play()

        def look() -> None:
            seen.append((machine.used(), kept_of(window)))
            if len(seen) >= max(3, minutes):
                app.exit()  # quit() would ask whether to save

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(60_000)
        app.exec()
        last = window.bridge.last
        window.bridge.pause()
        window._may_close = True
        window.close()
    told = ", ".join(f"{used / 2**20:.0f}" for used, _ in seen)
    kept = ", ".join(f"{kept / 2**20:.0f}" for _, kept in seen)
    rest = [used - kept for used, kept in seen]
    growth = rest[-1] / rest[1]
    print(
        f"{told} MB after each minute, of which the run's log and moments {kept}; without them "
        f"the last is {100 * (growth - 1):+.1f} % of the second "
        f"({0 if last is None else last.step:,} updates)"
    )
    sys.exit(0 if growth <= MOST else 1)


if __name__ == "__main__":
    main()
