"""Where everything starts: what opens the window, and what is said when there can be none."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from netbuilder import __main__ as start


@pytest.fixture
def window(monkeypatch) -> list[Path | None]:
    """What the window was opened with; a display is not needed."""
    opened: list[Path | None] = []
    app = types.ModuleType("netbuilder.gui.window.app")
    app.run = lambda path: opened.append(path) or 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "netbuilder.gui.window.app", app)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    return opened


def test_nothing_opens_the_window(window):
    assert start.main([]) == 0
    assert window == [None]


def test_a_file_opens_the_window_on_it(window, tmp_path):
    path = tmp_path / "my.netb"
    path.write_bytes(b"")
    assert start.main([str(path)]) == 0
    assert window == [path]


def test_commands_do_not(window, capsys):
    assert start.main(["show", "gone.netb"]) == 2
    assert start.main(["--version"]) == 0
    assert window == []
    assert "gone.netb" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["gone.netb"], "no file gone.netb"),
        (["tran"], "Did you mean train?"),
        (["data.csv"], "data.csv is no project"),
        (["a.netb", "b.netb"], "b.netb"),
        (["."], "no file ."),
        (["--wat"], "netbuilder --help"),
    ],
)
def test_what_is_neither_is_refused(arguments, words, window, capsys):
    assert start.main(arguments) == 2
    err = capsys.readouterr().err
    assert words in err and err.count("\n") == 1
    assert window == []


def test_the_window_has_a_core_of_its_own(monkeypatch):
    environment = {"MKL_NUM_THREADS": "7"}
    monkeypatch.setattr("os.environ", environment)
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    start.leave_a_core()
    assert environment["OPENBLAS_NUM_THREADS"] == "3"
    assert environment["MKL_NUM_THREADS"] == "7", "what the user has set stays"


def test_that_is_settled_before_numpy_is_loaded():
    program = "import sys, netbuilder.__main__; assert 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
