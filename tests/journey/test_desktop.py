"""The whole job on a real screen: Xvfb, a real mouse, real drag and drop."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytestmark = [pytest.mark.desktop, pytest.mark.long]

HERE = Path(__file__).parent


@pytest.fixture
def screen() -> Iterator[str]:
    """The name of a display of our own, with nothing on it."""
    if shutil.which("Xvfb") is None or shutil.which("xdotool") is None:
        if os.environ.get("CI"):
            pytest.fail("Xvfb and xdotool must be there in CI")
        pytest.skip("needs Xvfb and xdotool")
    read, write = os.pipe()
    # Without -noreset the server starts anew when xdotool leaves, and may turn the next one away.
    options = ["-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset"]
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), *options],
        pass_fds=[write],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        display = f":{answer.readline().strip()}"
    try:
        # xdotool waits for nothing: a server that does not answer yet is asked again.
        for _ in range(50):
            asked = subprocess.run(
                ["xdotool", "getdisplaygeometry"],
                env={**os.environ, "DISPLAY": display},
                capture_output=True,
            )
            if asked.returncode == 0:
                break
        else:
            pytest.fail(f"Xvfb on {display} does not answer")
        yield display
    finally:
        server.terminate()
        server.wait(timeout=10)


def test_a_new_user_does_the_whole_job(screen: str, tmp_path: Path, three_classes: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("QT_", "XDG_", "WAYLAND"))},
        "DISPLAY": screen,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "QT_QPA_PLATFORM": "xcb",
    }
    done = subprocess.run(
        [sys.executable, str(HERE / "desktop.py"), str(three_classes.parent)]
        + (["--pictures"] if os.environ.get("NETBUILDER_PICTURES") else []),
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-6000:]
    assert "Traceback" not in done.stderr, done.stderr[-6000:]

    onnxruntime = pytest.importorskip("onnxruntime")
    session = onnxruntime.InferenceSession(three_classes.with_name("network.onnx"))
    with np.load(three_classes.with_name("seen.npz")) as seen:
        columns = zip(session.get_inputs(), seen["X"].astype(np.float32).T, strict=True)
        feed = {column.name: numbers[:, None] for column, numbers in columns}
        (output,) = session.run(["probabilities"], feed)
        np.testing.assert_allclose(output, seen["Y_hat"], atol=1e-5)
        assert (output.argmax(axis=1) == seen["Y"].argmax(axis=1)).mean() > 0.9
