"""The lens works where there is no window: on a server, in a notebook, in the command line."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import netbuilder.lens


def test_nothing_of_the_lens_needs_qt() -> None:
    modules = [f"netbuilder.lens.{m.name}" for m in pkgutil.iter_modules(netbuilder.lens.__path__)]
    assert len(modules) >= 7
    code = (
        f"import sys, {', '.join(modules)}\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('PySide6', 'pyqtgraph')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
