"""A minute of the monkey; an hour of it: ``python -m tests.hardening.monkey 60``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from netbuilder.errors import UserError
from netbuilder.gui.canvas import clipboard

PLACE = Path(__file__).parents[2] / "hardening" / "monkey.py"


@pytest.fixture(scope="module")
def monkey() -> ModuleType:
    spec = importlib.util.spec_from_file_location("netbuilder_monkey", PLACE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_is_done_all_parts_agree(
    monkey: ModuleType, open_window: Any, tmp_path: Path, seed: int
) -> None:
    done = monkey.play(open_window(), tmp_path, seed, lambda count: count < 60).done
    assert sum(done.values()) == 60


def test_an_empty_clipboard_is_told() -> None:
    with pytest.raises(UserError, match="clipboard is empty"):
        clipboard.from_mime(None)
