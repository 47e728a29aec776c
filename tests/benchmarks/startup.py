"""How long it takes to start: a command, importing the command line, and the window on the screen.

    python tests/benchmarks/startup.py [RUNS]

Each number is the median of several new processes, and beside it the share that Python and NumPy
alone take. Uses the display if there is one, else the offscreen platform.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# From the command to the first frame on the screen; the window then closes itself.
WINDOW = """
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

class Watch(QObject):
    def eventFilter(self, object, event):
        if event.type() == QEvent.Type.Paint and isinstance(object, QMainWindow):
            QTimer.singleShot(0, lambda: (print(flush=True), QApplication.exit(0)))
        return False

run_events = QApplication.exec
def run_events_watched(*app):
    watch = Watch()
    QApplication.instance().installEventFilter(watch)
    return run_events()
QApplication.exec = run_events_watched
from netbuilder.__main__ import main
sys.exit(main([]))
"""


def seconds(arguments: list[str], folder: str) -> float:
    """From the start of a process to its end, or to its first line of output if it has one."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        taken = time.perf_counter() - start
        process.stdout.read()
    assert process.returncode == 0, arguments
    return taken


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    if not ({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    cases = {
        "python alone": ["-c", "print()"],
        "import numpy": ["-c", "import numpy; print()"],
        "import netbuilder.cli": ["-c", "import netbuilder.cli; print()"],
        "netbuilder --help": ["-m", "netbuilder", "--help"],
        "netbuilder show (most: 0.5 s)": ["-m", "netbuilder", "show", "f.netb"],
        "window painted (most: 1.2 s)": ["-c", WINDOW],
    }
    with tempfile.TemporaryDirectory() as folder:
        new = ["new", "f.netb", "--data", "flower", "--layers", "4 tanh, 1 sigmoid"]
        subprocess.run([sys.executable, "-m", "netbuilder", *new], cwd=folder, check=True)
        Path(folder, "home").mkdir()
        os.environ["XDG_CONFIG_HOME"] = f"{folder}/home"
        # In turns, so that a busy moment of the machine does not fall on one case alone.
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(runs):
            for name, arguments in cases.items():
                taken[name].append(seconds(arguments, folder))
    numpy = statistics.median(taken["import numpy"])
    print(f"{'':32}  median s   best s   of import numpy")
    for name, values in taken.items():
        median = statistics.median(values)
        print(f"{name:32}  {median:8.3f} {min(values):8.3f}   {median / numpy:8.2f}")


if __name__ == "__main__":
    main()
