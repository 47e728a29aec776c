"""The wheel, not the checkout: built, installed in a new environment, opened, trained, exported."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]

OPEN_AND_CLOSE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

shown = []

def close_when_shown():
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, QMainWindow)]
    shown.extend(window.windowTitle() for window in windows if window.isVisible())
    for window in windows:
        window.close()
    if not shown:
        QTimer.singleShot(20, close_when_shown)

run_events = QApplication.exec
def run_events_and_close(*app):
    QTimer.singleShot(0, close_when_shown)
    return run_events()
QApplication.exec = run_events_and_close

from netbuilder.__main__ import main
code = main([])
import netbuilder
assert "site-packages" in netbuilder.__file__, netbuilder.__file__
print(shown)
sys.exit(code)
"""


def build(folder: Path) -> Path:
    """The wheel, built by pip as for an upload; skips where the build backend cannot be had."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder)]
    at_hand = importlib.util.find_spec("hatchling") is not None
    if at_hand:
        command.append("--no-build-isolation")
    ran = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    if ran.returncode and not at_hand and not os.environ.get("CI"):
        pytest.skip(f"the build backend cannot be had: {ran.stderr.strip().splitlines()[-1]}")
    assert ran.returncode == 0, ran.stderr
    (wheel,) = folder.glob("netbuilder-*.whl")
    return wheel


def environment(folder: Path, wheel: Path) -> Path:
    """The Python of a new environment with the wheel and nothing but what it asks for.

    Outside CI the dependencies are borrowed from this environment, so that no network is needed.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    if os.environ.get("CI"):
        subprocess.run([*command, str(wheel)], check=True)
        return python
    subprocess.run([*command, "--no-deps", "--no-index", str(wheel)], check=True)
    # Only these folders: the .pth files in them, such as that of an editable checkout, stay unread.
    borrowed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (site / "borrowed.pth").write_text("".join(f"{path}\n" for path in sorted(borrowed)))
    return python


@pytest.mark.long
def test_the_installed_wheel_opens_trains_and_exports(tmp_path):
    wheel = build(tmp_path / "dist")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert any(name.startswith("netbuilder/resources/icons/") for name in names)
    assert any(name.startswith("netbuilder/resources/data/") for name in names)
    assert not any(name.startswith("tests") for name in names)

    python = environment(tmp_path / "env", wheel)
    command = python.with_name("netbuilder")
    work = tmp_path / "work"
    work.mkdir()
    variables = {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "QT_QPA_PLATFORM": "offscreen",
        "HOME": str(work),
        "XDG_CONFIG_HOME": str(work),
    }

    def run(*arguments: object) -> str:
        ran = subprocess.run(
            [str(argument) for argument in arguments],
            cwd=work,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert run(python, "-c", OPEN_AND_CLOSE).strip() not in ("", "[]")
    run(command, "new", "i.netb", "--data", "iris", "--layers", "8 tanh, 3 softmax")
    assert "iris, 150 examples" in run(command, "show", "i.netb")
    assert "accuracy" in run(command, "train", "i.netb", "--epochs", "50")
    for suffix in ("npz", "safetensors", "onnx"):
        run(command, "export", "i.netb", f"i.{suffix}")
        assert (work / f"i.{suffix}").stat().st_size > 0
    with np.load(work / "i.npz") as weights:
        assert weights["W1"].shape == (8, 4)
