"""What is said when there can be no window: libraries, plugins and displays of Linux."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from netbuilder.gui.window import display

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
    (plugin,) = display._plugins("xcb")
    content = plugin.read_bytes()
    for name, missing in ((b"libxcb-icccm.so.4", b"libxcb-icccX.so.4"),
                          (b"libxcb-keysyms.so.1", b"libxcb-keysymX.so.1")):  # fmt: skip
        assert name in content
        content = content.replace(name, missing)
        monkeypatch.setitem(
            display.DEBIAN_PACKAGES, missing.decode(), display.DEBIAN_PACKAGES[name.decode()]
        )
    copy = tmp_path / plugin.name
    copy.write_bytes(content)
    monkeypatch.setattr(display, "_plugins", lambda platform: [copy])
    said = str(display._failure("xcb"))
    assert "libxcb-icccX.so.4, " in said and "libxcb-keysymX.so.1" in said
    assert "libxcb-icccm4" in said and "libxcb-keysyms1" in said


def test_what_the_loader_says_is_understood_without_ldd():
    said = str(
        display._cannot_load([], "libEGL.so.1: cannot open shared object file: No such file")
    )
    assert "misses libEGL.so.1" in said and "apt install libegl1" in said
    said = str(
        display._cannot_load([], "libodd.so.9: cannot open shared object file: No such file")
    )
    assert "libodd.so.9" in said and "apt" not in said
    assert "undefined symbol" in str(display._cannot_load([], "undefined symbol: xyz"))


def test_the_diagnosis_needs_no_qt():
    program = (
        "import sys, netbuilder.gui.window.display;"
        "assert not {'PySide6', 'numpy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
