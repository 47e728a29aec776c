"""Where everything starts: what opens the window, and what is said when there can be none."""

from __future__ import annotations

import os
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


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about Linux displays")


def sentence(variables: dict[str, str]) -> str:
    """The one line on stderr of a real start, with no other display than these variables name."""
    display = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in display}
    ran = subprocess.run(
        [sys.executable, "-m", "netbuilder"],
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert "netbuilder train" in ran.stderr
    return ran.stderr


@linux
@pytest.mark.parametrize("platform", [{}, {"QT_QPA_PLATFORM": "xcb"}])
def test_without_a_display_it_says_so(platform):
    said = sentence(platform)
    assert "apt install" in said


@linux
def test_a_platform_that_qt_does_not_know():
    assert "Qt knows no platform called 'nonsense'" in sentence({"QT_QPA_PLATFORM": "nonsense"})


@linux
def test_a_display_that_does_not_answer():
    said = sentence({"DISPLAY": ":4711"})
    assert "DISPLAY=:4711" in said or "apt install" in said


@linux
def test_every_missing_library_is_named_with_its_package(tmp_path, monkeypatch):
    """A copy of Qt's plugin that asks for libraries which no system has."""
    (plugin,) = start._plugins("xcb")
    content = plugin.read_bytes()
    for name, missing in ((b"libxcb-icccm.so.4", b"libxcb-icccX.so.4"),
                          (b"libxcb-keysyms.so.1", b"libxcb-keysymX.so.1")):  # fmt: skip
        assert name in content
        content = content.replace(name, missing)
        monkeypatch.setitem(
            start.DEBIAN_PACKAGES, missing.decode(), start.DEBIAN_PACKAGES[name.decode()]
        )
    copy = tmp_path / plugin.name
    copy.write_bytes(content)
    monkeypatch.setattr(start, "_plugins", lambda platform: [copy])
    said = str(start._failure("xcb"))
    assert "libxcb-icccX.so.4, " in said and "libxcb-keysymX.so.1" in said
    assert "libxcb-icccm4" in said and "libxcb-keysyms1" in said


def test_what_the_loader_says_is_understood_without_ldd():
    said = str(start._cannot_load([], "libEGL.so.1: cannot open shared object file: No such file"))
    assert "misses libEGL.so.1" in said and "apt install libegl1" in said
    said = str(start._cannot_load([], "libodd.so.9: cannot open shared object file: No such file"))
    assert "libodd.so.9" in said and "apt" not in said
    assert "undefined symbol" in str(start._cannot_load([], "undefined symbol: xyz"))


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
